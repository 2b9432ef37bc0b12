using System.Text;
using Http.Server.Cgi;

namespace Http.Server.Tests.Cgi;

public sealed class CgiHeadTests
{
    [Theory]
    [InlineData("", -1)]
    [InlineData("A: b", -1)]
    [InlineData("A: b\n", -1)]
    [InlineData("A: b\r\n\r", -1)]
    [InlineData("\n", 1)]
    [InlineData("\r\n", 2)]
    [InlineData("A: b\n\n", 6)]
    [InlineData("A: b\n\nbody\n\n", 6)]
    [InlineData("A: b\r\n\r\nbody", 8)]
    [InlineData("A: b\n\r\nbody", 7)]
    [InlineData("A: b\r\n\nbody", 7)]
    [InlineData("A: b\r\r\n\n", 8)]
    public void The_block_ends_with_its_first_empty_line(string text, int end) => Assert.Equal(end, CgiHead.FindEnd(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("Content-Type: text/plain\n\n", 0, null, null)]
    [InlineData("Content-Type: text/plain\r\n\r\n", 0, null, null)]
    [InlineData("content-TYPE:text/plain\n\n", 0, null, null)]
    [InlineData("Status: 404\n\n", 404, null, null)]
    [InlineData("Status: 404 Not Here\r\n\r\n", 404, "Not Here", null)]
    [InlineData("status:   201 Made\nX: y\n\n", 201, "Made", null)]
    [InlineData("Status: 404 \nX: y\n\n", 404, null, null)]
    [InlineData("Status: 299 Own\n\n", 299, "Own", null)]
    [InlineData("Location: http://test/\n\n", 0, null, "http://test/")]
    [InlineData("Status: 303 See Other\nLocation: /x\n\n", 303, "See Other", "/x")]
    public void Status_and_location_are_the_programs_words(string text, int status, string? reason, string? location)
    {
        var head = Parse(text)!;
        Assert.Equal((status, reason, location), (head.Status, head.Reason, head.Location));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("X: y\n\n")]
    [InlineData("Content-Length: 3\n\n")]
    [InlineData("no colon\n\n")]
    [InlineData(": no name\n\n")]
    [InlineData("Content-Type : text/plain\n\n")]
    [InlineData(" Content-Type: text/plain\n\n")]
    [InlineData("Content-Type: text/plain\n folded\n\n")]
    [InlineData("Content-Type: text/plain\nA b: c\n\n")]
    [InlineData("Content-Type: text/plain\nA: b\rC: d\n\n")]
    [InlineData("Content-Type: text/plain\nA: b\0\n\n")]
    [InlineData("Content-Type: text/plain\nA: \u001b[31m\n\n")]
    [InlineData("Content-Type: text/plain\nStatus: \n\n")]
    [InlineData("Status: 20\n\n")]
    [InlineData("Status: 2000\n\n")]
    [InlineData("Status: 200OK\n\n")]
    [InlineData("Status: abc\n\n")]
    [InlineData("Status: +20\n\n")]
    [InlineData("Status: 100\n\n")]
    [InlineData("Status: 199\n\n")]
    [InlineData("Status: 600\n\n")]
    [InlineData("Status: 000\n\n")]
    [InlineData("Location:\n\n")]
    [InlineData("Location: /a\nLocation: /b\n\n")]
    [InlineData("Content-Type: a/b\nContent-Length: -1\n\n")]
    [InlineData("Content-Type: a/b\nContent-Length: 1x\n\n")]
    [InlineData("Content-Type: a/b\nContent-Length:\n\n")]
    [InlineData("Content-Type: a/b\nContent-Length: 9999999999999999999\n\n")]
    [InlineData("Content-Type: a/b\nContent-Length: 3\nContent-Length: 4\n\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Type: text/plain\n\n")]
    [InlineData("Traceback (most recent call last):\n\n")]
    public void What_is_no_header_is_none_and_says_why(string text)
    {
        Assert.Null(CgiHead.Parse(Encoding.Latin1.GetBytes(text), out var problem));
        Assert.NotEmpty(problem!);
    }

    [Fact]
    public void Other_headers_are_passed_on_in_order_with_their_repetitions()
    {
        var head = Parse("Set-Cookie: a=1\nContent-Type: text/plain; charset=utf-8\nset-cookie:\tb=2 \nX-Empty:\n\n")!;
        Assert.Equal(
            [new("Set-Cookie", "a=1"), new("Content-Type", "text/plain; charset=utf-8"), new("set-cookie", "b=2"), new("X-Empty", "")],
            head.Headers);
    }

    [Theory]
    [InlineData("Connection: keep-alive")]
    [InlineData("transfer-encoding: chunked")]
    [InlineData("Date: yesterday")]
    [InlineData("SERVER: mine")]
    [InlineData("Keep-Alive: 5")]
    [InlineData("Upgrade: h2c")]
    [InlineData("Trailer: X")]
    public void What_is_the_servers_to_say_is_left_out(string line) =>
        Assert.Equal(["Content-Type"], Parse($"Content-Type: text/plain\n{line}\n\n")!.Headers.Select(header => header.Key));

    [Theory]
    [InlineData("Location: /other\n\n", true)]
    [InlineData("Location: /other?a=b\r\n\r\n", true)]
    [InlineData("Location: http://test/\n\n", false)]
    [InlineData("Location: //test/\n\n", false)]
    [InlineData("Location: other\n\n", false)]
    [InlineData("Status: 302 Found\nLocation: /other\n\n", false)]
    [InlineData("Content-Type: text/plain\nLocation: /other\n\n", false)]
    public void A_path_alone_is_for_the_server_to_follow(string text, bool isLocal) => Assert.Equal(isLocal, Parse(text)!.IsLocalRedirect);

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\n", 404)]
    [InlineData("HTTP/1.0 200", 200)]
    [InlineData("HTTP/1.1 20", 0)]
    [InlineData("HTTP/1.1 2xx OK", 0)]
    [InlineData("HTTP/1.1\t200 OK", 0)]
    [InlineData("Status: 200 OK\n", 0)]
    [InlineData("", 0)]
    public void The_status_of_a_raw_answer_stands_in_its_first_line(string text, int status) =>
        Assert.Equal(status, CgiHead.StatusOf(Encoding.ASCII.GetBytes(text)));

    private static CgiHead? Parse(string text) => CgiHead.Parse(Encoding.Latin1.GetBytes(text), out _);
}
