using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Tests.Protocol;

public sealed class RequestHeadParserTests
{
    private static readonly HeadLimits Limits = new(RequestLine: 200, HeaderBytes: 1000, HeaderCount: 10);

    [Theory]
    [InlineData("GET / HTTP/1.1", "GET", "Origin", "/", 1)]
    [InlineData("GET /a/b?c=d&e HTTP/1.1", "GET", "Origin", "/a/b?c=d&e", 1)]
    [InlineData("get / HTTP/1.1", "get", "Origin", "/", 1)]
    [InlineData("M-SEARCH!#$%&'*+.^_`|~ / HTTP/1.1", "M-SEARCH!#$%&'*+.^_`|~", "Origin", "/", 1)]
    [InlineData("GET //x HTTP/1.1", "GET", "Origin", "//x", 1)]
    [InlineData("GET /%20|^`{}[]\\ HTTP/1.1", "GET", "Origin", "/%20|^`{}[]\\", 1)]
    [InlineData("GET /!\"$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~ HTTP/1.1", "GET", "Origin", "/!\"$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~", 1)]
    [InlineData("GET /?filter={\"a\":1}&q=<b> HTTP/1.1", "GET", "Origin", "/?filter={\"a\":1}&q=<b>", 1)]
    [InlineData("GET /?\u0080\u00c3\u00a9\u00ff HTTP/1.1", "GET", "Origin", "/?\u0080\u00c3\u00a9\u00ff", 1)]
    [InlineData("GET /a?b?\u00e9 HTTP/1.1", "GET", "Origin", "/a?b?\u00e9", 1)]
    [InlineData("GET http://test/a?\u00e9<> HTTP/1.1", "GET", "Absolute", "/a?\u00e9<>", 1)]
    [InlineData("GET http://test/a?b HTTP/1.1", "GET", "Absolute", "/a?b", 1)]
    [InlineData("GET HTTPS://TEST:80/ HTTP/1.1", "GET", "Absolute", "/", 1)]
    [InlineData("GET http://test HTTP/1.1", "GET", "Absolute", "", 1)]
    [InlineData("OPTIONS * HTTP/1.1", "OPTIONS", "Asterisk", "*", 1)]
    [InlineData("CONNECT test:443 HTTP/1.1", "CONNECT", "Authority", "test:443", 1)]
    [InlineData("GET / HTTP/1.0", "GET", "Origin", "/", 0)]
    [InlineData("GET / HTTP/1.2", "GET", "Origin", "/", 1)]
    [InlineData("GET / HTTP/1.9", "GET", "Origin", "/", 1)]
    public void A_request_line_is_taken_apart(string line, string method, string form, string path, int minor)
    {
        var (head, bytes) = Accept($"{line}\r\nHost: test\r\n\r\n");
        Assert.Equal(line, Text(head.RequestLine, bytes));
        Assert.Equal(method, Text(head.Method, bytes));
        Assert.Equal(form, head.Form.ToString());
        Assert.Equal(path, Text(head.PathAndQuery, bytes));
        Assert.Equal(minor, head.MinorVersion);
    }

    [Theory]
    [InlineData("", "Method")]
    [InlineData("GET", "RequestLine")]
    [InlineData("GET /", "RequestLine")]
    [InlineData("GE(T / HTTP/1.1", "Method")]
    [InlineData(" GET / HTTP/1.1", "Method")]
    [InlineData("\tGET / HTTP/1.1", "Method")]
    [InlineData("G\0T / HTTP/1.1", "Method")]
    [InlineData("G\rT / HTTP/1.1", "Method")]
    [InlineData("G\u00c9T / HTTP/1.1", "Method")]
    [InlineData("GET  / HTTP/1.1", "Version")]
    [InlineData("GET /  HTTP/1.1", "Version")]
    [InlineData("GET / HTTP/1.1 ", "Version")]
    [InlineData("GET / x HTTP/1.1", "Version")]
    [InlineData("GET\t/\tHTTP/1.1", "Method")]
    [InlineData("GET / http/1.1", "Version")]
    [InlineData("GET / Http/1.1", "Version")]
    [InlineData("GET / HTTP/1", "Version")]
    [InlineData("GET / HTTP/1.", "Version")]
    [InlineData("GET / HTTP/1.10", "Version")]
    [InlineData("GET / HTTP/01.1", "Version")]
    [InlineData("GET / HTTP/1,1", "Version")]
    [InlineData("GET / HTTP/+1.1", "Version")]
    [InlineData("GET / HTTP/1.x", "Version")]
    [InlineData("GET / HTTP/1.1\0", "Version")]
    [InlineData("GET / HTTP/0.9", "VersionUnsupported")]
    [InlineData("GET / HTTP/2.0", "VersionUnsupported")]
    [InlineData("PRI * HTTP/2.0", "VersionUnsupported")]
    [InlineData("GET * HTTP/1.1", "Target")]
    [InlineData("options * HTTP/1.1", "Target")]
    [InlineData("OPTIONS ** HTTP/1.1", "Target")]
    [InlineData("GET a HTTP/1.1", "Target")]
    [InlineData("GET ?a HTTP/1.1", "Target")]
    [InlineData("GET /# HTTP/1.1", "Target")]
    [InlineData("GET /?# HTTP/1.1", "Target")]
    [InlineData("GET /?a\0 HTTP/1.1", "Target")]
    [InlineData("GET /?a\t HTTP/1.1", "Target")]
    [InlineData("GET /?a\u001f HTTP/1.1", "Target")]
    [InlineData("GET /?a\u007f HTTP/1.1", "Target")]
    [InlineData("GET /?a b HTTP/1.1", "Version")]
    [InlineData("GET /\u00e9 HTTP/1.1", "TargetNotAscii")]
    [InlineData("GET /\u0080?a HTTP/1.1", "TargetNotAscii")]
    [InlineData("GET /\u00ff/?\u00ff HTTP/1.1", "TargetNotAscii")]
    [InlineData("GET http://test/\u00e9 HTTP/1.1", "TargetNotAscii")]
    [InlineData("GET http://t\u00e9st/ HTTP/1.1", "TargetNotAscii")]
    [InlineData("GET /\u00e9\u0001 HTTP/1.1", "Target")]
    [InlineData("GET /\0 HTTP/1.1", "Target")]
    [InlineData("GET /\r HTTP/1.1", "Target")]
    [InlineData("GET /\t HTTP/1.1", "Target")]
    [InlineData("GET /\u007f HTTP/1.1", "Target")]
    [InlineData("GET ftp://test/ HTTP/1.1", "Target")]
    [InlineData("GET http:/test/ HTTP/1.1", "Target")]
    [InlineData("GET http:///a HTTP/1.1", "Target")]
    [InlineData("GET http:// HTTP/1.1", "Target")]
    [InlineData("GET http://user@test/ HTTP/1.1", "Target")]
    [InlineData("GET http://test:99999/ HTTP/1.1", "Target")]
    [InlineData("GET http://test\\evil/ HTTP/1.1", "Target")]
    [InlineData("CONNECT / HTTP/1.1", "Target")]
    [InlineData("CONNECT test HTTP/1.1", "Target")]
    [InlineData("CONNECT http://test/ HTTP/1.1", "Target")]
    public void A_request_line_outside_the_grammar_is_refused(string line, string fault) =>
        Assert.Equal(fault, FaultOf($"{line}\r\nHost: test\r\n\r\n"));

    [Theory]
    [InlineData("X:", "X", "")]
    [InlineData("X:a", "X", "a")]
    [InlineData("x-Y_z.1~|: a b\tc ", "x-Y_z.1~|", "a b\tc")]
    [InlineData("X: \t a \t ", "X", "a")]
    [InlineData("X: \t ", "X", "")]
    [InlineData("X: \u0080\u00e9\u00ff", "X", "\u0080\u00e9\u00ff")]
    [InlineData("X: a: b", "X", "a: b")]
    [InlineData("X: \"", "X", "\"")]
    public void A_header_line_gives_its_name_and_its_trimmed_value(string line, string name, string value)
    {
        var (head, bytes) = Accept($"GET / HTTP/1.1\r\nHost: test\r\n{line}\r\n\r\n");
        var header = head.Headers[1];
        Assert.Equal(name, Text(header.Name, bytes));
        Assert.Equal(value, Text(header.Value, bytes));
    }

    [Theory]
    [InlineData("X : a", "HeaderName")]
    [InlineData("X\t: a", "HeaderName")]
    [InlineData(": a", "HeaderName")]
    [InlineData("X", "HeaderName")]
    [InlineData("X y: a", "HeaderName")]
    [InlineData("X\0: a", "HeaderName")]
    [InlineData("X(: a", "HeaderName")]
    [InlineData("X\r: a", "HeaderName")]
    [InlineData("\u00e9: a", "HeaderName")]
    [InlineData(" a", "ObsoleteFold")]
    [InlineData("\ta: b", "ObsoleteFold")]
    [InlineData("X: a\r\n b", "ObsoleteFold")]
    [InlineData("X: a\r\n ", "ObsoleteFold")]
    [InlineData("X: a\0b", "HeaderValue")]
    [InlineData("X: a\rb", "HeaderValue")]
    [InlineData("X: a\r", "HeaderValue")]
    [InlineData("X: \u0001", "HeaderValue")]
    [InlineData("X: \u000b", "HeaderValue")]
    [InlineData("X: \u001f", "HeaderValue")]
    [InlineData("X: \u007f", "HeaderValue")]
    [InlineData("X: a\nY: b", "LineEnd")]
    [InlineData("X: a\n", "LineEnd")]
    [InlineData("\nY: b", "LineEnd")]
    public void A_header_line_outside_the_grammar_is_refused(string line, string fault) =>
        Assert.Equal(fault, FaultOf($"GET / HTTP/1.1\r\nHost: test\r\n{line}\r\n\r\n"));

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: test\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\n\n")]
    [InlineData("\nGET / HTTP/1.1\r\nHost: test\r\n\r\n")]
    public void A_bare_line_feed_ends_no_line(string text) => Assert.Equal("LineEnd", FaultOf(text));

    [Theory]
    [InlineData("", "HostMissing")]
    [InlineData("Host:\r\n", "HostMalformed")]
    [InlineData("Host: \r\n", "HostMalformed")]
    [InlineData("Host: a b\r\n", "HostMalformed")]
    [InlineData("Host: a,b\r\n", null)]
    [InlineData("Host: a/b\r\n", "HostMalformed")]
    [InlineData("Host: a@b\r\n", "HostMalformed")]
    [InlineData("Host: http://a\r\n", "HostMalformed")]
    [InlineData("Host: a:b\r\n", "HostMalformed")]
    [InlineData("Host: [::1\r\n", "HostMalformed")]
    [InlineData("Host: test\r\nHost: test\r\n", "HostRepeated")]
    [InlineData("Host: test\r\nhOST: other\r\n", "HostRepeated")]
    [InlineData("Host: [::1]:8000\r\n", null)]
    [InlineData("Host: test:\r\n", null)]
    public void Http11_requires_exactly_one_host_that_follows_the_grammar(string headers, string? fault) =>
        Assert.Equal(fault, FaultOf($"GET / HTTP/1.1\r\n{headers}\r\n"));

    [Fact]
    public void Http10_requires_no_host_but_a_malformed_one_is_refused()
    {
        Assert.Null(FaultOf("GET / HTTP/1.0\r\n\r\n"));
        Assert.Equal("HostMalformed", FaultOf("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"));
    }

    [Theory]
    [InlineData("http://test/", "test", null)]
    [InlineData("http://test/", "TEST", null)]
    [InlineData("http://test:80/", "test", null)]
    [InlineData("http://test/", "test:80", null)]
    [InlineData("http://[::1]:80/", "[::1]", null)]
    [InlineData("http://test:8000/", "test:8000", null)]
    [InlineData("http://test:8000/", "test", "HostDisagrees")]
    [InlineData("http://test/", "other", "HostDisagrees")]
    [InlineData("http://test/", "test.evil", "HostDisagrees")]
    [InlineData("http://test:8080/", "test:80", "HostDisagrees")]
    [InlineData("http://[::1]/", "[::2]", "HostDisagrees")]
    public void An_absolute_target_must_agree_with_the_host(string target, string host, string? fault) =>
        Assert.Equal(fault, FaultOf($"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("5", 5)]
    [InlineData("007", 7)]
    [InlineData("4294967296", 4294967296)]
    [InlineData("9223372036854775799", 9223372036854775799)]
    public void A_content_length_has_64_bits(string value, long length) =>
        Assert.Equal(length, Accept($"GET / HTTP/1.1\r\nHost: test\r\nContent-Length: {value}\r\n\r\n").Head.ContentLength);

    [Theory]
    [InlineData("Content-Length:", "ContentLength")]
    [InlineData("Content-Length: +5", "ContentLength")]
    [InlineData("Content-Length: -5", "ContentLength")]
    [InlineData("Content-Length: -0", "ContentLength")]
    [InlineData("Content-Length: 0x5", "ContentLength")]
    [InlineData("Content-Length: 5,5", "ContentLength")]
    [InlineData("Content-Length: 5, 5", "ContentLength")]
    [InlineData("Content-Length: 5 5", "ContentLength")]
    [InlineData("Content-Length: 5.0", "ContentLength")]
    [InlineData("Content-Length: 5e1", "ContentLength")]
    [InlineData("Content-Length: 1_0", "ContentLength")]
    [InlineData("Content-Length: \u00b2", "ContentLength")]
    [InlineData("Content-Length: 9223372036854775808", "ContentLength")]
    [InlineData("Content-Length: 18446744073709551621", "ContentLength")]
    [InlineData("Content-Length: 99999999999999999999999999999", "ContentLength")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6", "ContentLengthRepeated")]
    [InlineData("Content-Length: 5\r\ncontent-length: 5", "ContentLengthRepeated")]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked", "LengthAndCoding")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 0", "LengthAndCoding")]
    [InlineData("Transfer-Encoding:", "CodingMalformed")]
    [InlineData("Transfer-Encoding: chunked, chunked", "CodingMalformed")]
    [InlineData("Transfer-Encoding: gzip, chunked", "CodingMalformed")]
    [InlineData("Transfer-Encoding: chunked;a=b", "CodingMalformed")]
    [InlineData("Transfer-Encoding: \"chunked\"", "CodingMalformed")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "CodingMalformed")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "CodingMalformed")]
    [InlineData("Transfer-Encoding: gzip", "CodingUnknown")]
    [InlineData("Transfer-Encoding: identity", "CodingUnknown")]
    [InlineData("Transfer-Encoding: xchunked", "CodingUnknown")]
    public void A_body_whose_length_could_be_read_in_two_ways_is_refused(string headers, string fault) =>
        Assert.Equal(fault, FaultOf($"POST / HTTP/1.1\r\nHost: test\r\n{headers}\r\n\r\n"));

    [Fact]
    public void Http10_has_no_transfer_encoding() =>
        Assert.Equal("CodingOnHttp10", FaultOf("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"));

    [Theory]
    [InlineData("chunked")]
    [InlineData("Chunked")]
    [InlineData("\tCHUNKED ")]
    public void Chunked_is_taken_in_any_case(string value)
    {
        var (head, _) = Accept($"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: {value}\r\n\r\n");
        Assert.True(head.IsChunked);
        Assert.True(head.HasBody);
        Assert.Equal(-1, head.ContentLength);
    }

    [Theory]
    [InlineData("close", true, false)]
    [InlineData("Close", true, false)]
    [InlineData("keep-alive", false, true)]
    [InlineData("Upgrade , KEEP-ALIVE", false, true)]
    [InlineData("keep-alive,close", true, true)]
    [InlineData(",, close ,", true, false)]
    [InlineData("closed", false, false)]
    [InlineData("not close", false, false)]
    [InlineData("", false, false)]
    public void Connection_tokens_are_found_in_the_list(string value, bool close, bool keepAlive)
    {
        var (head, _) = Accept($"GET / HTTP/1.1\r\nHost: test\r\nConnection: {value}\r\n\r\n");
        Assert.Equal((close, keepAlive), (head.ConnectionClose, head.ConnectionKeepAlive));
    }

    [Fact]
    public void Connection_tokens_of_several_fields_add_up()
    {
        var (head, _) = Accept("GET / HTTP/1.1\r\nHost: test\r\nConnection: a\r\nConnection: close\r\nConnection: b\r\n\r\n");
        Assert.True(head.ConnectionClose);
    }

    [Theory]
    [InlineData("100-continue", true, false)]
    [InlineData("100-Continue", true, false)]
    [InlineData("200-ok", false, true)]
    [InlineData("100-continue, x", false, true)]
    public void An_expectation_is_known_or_not(string value, bool known, bool unknown)
    {
        var (head, _) = Accept($"POST / HTTP/1.1\r\nHost: test\r\nExpect: {value}\r\n\r\n");
        Assert.Equal((known, unknown), (head.ExpectsContinue, head.ExpectsUnknown));
    }

    [Fact]
    public void One_empty_line_before_the_request_line_is_let_pass()
    {
        var (head, bytes) = Accept("\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("GET / HTTP/1.1", Text(head.RequestLine, bytes));
        Assert.Equal("Method", FaultOf("\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n"));
    }

    [Fact]
    public void What_follows_the_head_is_left_alone()
    {
        var (head, _) = Accept("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET\0\n");
        Assert.Equal("GET / HTTP/1.1\r\nHost: test\r\n\r\n".Length, head.Position);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nX: y\r\n\r\n", null)]
    [InlineData("\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n", null)]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nX y\r\n\r\n", "HeaderName")]
    [InlineData("GET / HTTP/1.1\r\nHost: test\r\nX: y\n\r\n", "LineEnd")]
    public void A_head_that_comes_byte_by_byte_means_the_same(string text, string? fault)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var head = NewHead();
        var status = HeadStatus.Incomplete;
        var count = 0;
        while (status == HeadStatus.Incomplete)
            status = RequestHeadParser.Parse(bytes.AsSpan(0, ++count), Limits, head);
        Assert.Equal(fault, NameOf(head.Fault));
        if (fault is null)
            Assert.Equal(bytes.Length, count);
    }

    [Theory]
    [InlineData("", 100_000, " / HTTP/1.1", "MethodTooLong")]
    [InlineData("", 201, " / HTTP/1.1", "MethodTooLong")]
    [InlineData("(", 100_000, " / HTTP/1.1", "Method")]
    [InlineData("a\0", 100_000, " / HTTP/1.1", "Method")]
    [InlineData("GET /", 100_000, " HTTP/1.1", "RequestLineTooLong")]
    [InlineData("GET /?", 100_000, " HTTP/1.1", "RequestLineTooLong")]
    [InlineData("GET http://", 100_000, "/ HTTP/1.1", "RequestLineTooLong")]
    [InlineData("GET / HTTP/1.1", 100_000, "", "Version")]
    [InlineData("GET / ", 100_000, "", "Version")]
    public void A_line_that_is_too_long_is_refused_by_the_part_that_makes_it_so(string start, int letters, string end, string fault)
    {
        var line = start + new string('a', letters) + end;
        Assert.Equal(fault, FaultOf($"{line}\r\nHost: test\r\n\r\n"));
        Assert.Equal(fault, FaultOf(line));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "RequestLineTooLong")]
    public void A_request_line_may_be_as_long_as_the_limit(int more, string? fault)
    {
        var line = "GET /" + new string('a', Limits.RequestLine - "GET / HTTP/1.1".Length + more) + " HTTP/1.1";
        Assert.Equal(fault, FaultOf($"{line}\r\nHost: test\r\n\r\n"));
        Assert.Equal(fault, FaultOf($"{line}\r"));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "HeadersTooLarge")]
    public void A_header_block_may_be_as_large_as_the_limit(int more, string? fault)
    {
        const string Host = "Host: test\r\n";
        var header = "X: " + new string('a', Limits.HeaderBytes - Host.Length - "X: \r\n".Length + more);
        Assert.Equal(fault, FaultOf($"GET / HTTP/1.1\r\n{Host}{header}\r\n\r\n"));
    }

    [Fact]
    public void A_header_line_without_end_is_refused_when_it_passes_the_limit() =>
        Assert.Equal("HeadersTooLarge", FaultOf("GET / HTTP/1.1\r\nX: " + new string('a', Limits.HeaderBytes)));

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "TooManyHeaders")]
    public void There_may_be_as_many_headers_as_the_limit(int more, string? fault) => Assert.Equal(
        fault, FaultOf($"GET / HTTP/1.1\r\nHost: test\r\n{string.Concat(Enumerable.Repeat("X: y\r\n", Limits.HeaderCount - 1 + more))}\r\n"));

    [Fact]
    public void More_headers_than_there_was_room_for_at_first_are_kept()
    {
        var text = $"GET / HTTP/1.0\r\n{string.Concat(Enumerable.Range(0, 90).Select(n => $"X-{n}: {n}\r\n"))}\r\n";
        var bytes = Encoding.Latin1.GetBytes(text);
        var head = NewHead();
        Assert.Equal(HeadStatus.Complete, RequestHeadParser.Parse(bytes, new HeadLimits(8192, 32768, 100), head));
        Assert.Equal(90, head.Headers.Length);
        Assert.Equal("89", Encoding.Latin1.GetString(head.Find(bytes, "x-89"u8, out var found)));
        Assert.True(found);
        head.Find(bytes, "x-90"u8, out found);
        Assert.False(found);
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("\0")]
    [InlineData("{\"json\": 1}")]
    [InlineData("\rG")]
    public void What_cannot_become_a_request_is_refused_before_its_line_ends(string text) => Assert.Equal("Method", FaultOf(text));

    [Fact]
    public void A_head_can_be_used_again_without_a_trace_of_the_last_one()
    {
        var (head, _) = Accept(
            "POST http://a/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close, keep-alive\r\nExpect: 100-continue\r\nExpect: x\r\n\r\n");
        head.Reset();
        Assert.Equivalent(NewHead(), head, strict: true);
        Assert.Equal(0, head.HeaderCount);
    }

    private static RequestHead NewHead()
    {
        var head = new RequestHead();
        head.Reset();
        return head;
    }

    private static (RequestHead Head, byte[] Bytes) Accept(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var head = NewHead();
        var status = RequestHeadParser.Parse(bytes, Limits, head);
        Assert.Null(NameOf(head.Fault));
        Assert.Equal(HeadStatus.Complete, status);
        return (head, bytes);
    }

    private static string? FaultOf(string text)
    {
        var head = NewHead();
        var status = RequestHeadParser.Parse(Encoding.Latin1.GetBytes(text), Limits, head);
        Assert.Equal(status == HeadStatus.Refused, head.Fault is not null);
        return NameOf(head.Fault);
    }

    private static string? NameOf(RequestFault? fault) =>
        fault is null ? null : typeof(RequestFault).GetFields().Single(field => ReferenceEquals(field.GetValue(null), fault)).Name;

    private static string Text(Slice slice, byte[] bytes) => Encoding.Latin1.GetString(slice.Of(bytes));
}
