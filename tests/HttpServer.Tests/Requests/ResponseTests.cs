using System.Globalization;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Requests;

/// <summary>How a handler's calls become an answer.</summary>
public sealed class ResponseTests
{
    private static readonly DateTimeOffset Now = new(1994, 11, 6, 8, 49, 37, TimeSpan.Zero);

    [Fact]
    public async Task SendResponse_sends_status_line_Server_and_Date()
    {
        var answer = await AskAsync(handler =>
        {
            handler.SendResponse(200);
            handler.EndHeaders();
        });
        Assert.Equal(
            $"HTTP/1.0 200 OK\r\nServer: {BaseHttpRequestHandler.DefaultServerVersion}\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n", answer);
    }

    [Theory]
    [InlineData(200, null, "200 OK")]
    [InlineData(299, null, "299 ")]
    [InlineData(999, "", "999 ")]
    [InlineData(404, "Caf\u00e9 closed", "404 Caf\u00e9 closed")]
    public async Task SendResponseOnly_sends_the_status_line_alone(int code, string? message, string expected)
    {
        var answer = await AskAsync(handler =>
        {
            handler.SendResponseOnly(code, message);
            handler.EndHeaders();
        });
        Assert.Equal($"HTTP/1.0 {expected}\r\n\r\n", answer);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(1000)]
    [InlineData(-200)]
    public async Task A_status_has_three_digits(int code) =>
        Assert.IsType<ArgumentOutOfRangeException>(await FailureOfAsync(handler => handler.SendResponseOnly(code)));

    [Theory]
    [InlineData("a\rb")]
    [InlineData("a\nb")]
    [InlineData("a\r\nX: y")]
    [InlineData("a\0b")]
    [InlineData("a\u007f")]
    [InlineData("\u0131")]
    public async Task A_reason_that_could_end_the_line_throws(string message) =>
        Assert.IsType<ArgumentException>(await FailureOfAsync(handler => handler.SendResponse(200, message)));

    [Fact]
    public async Task SendHeader_sends_a_header()
    {
        var answer = await AskAsync(handler =>
        {
            handler.SendResponseOnly(200);
            handler.SendHeader("X-One", "1");
            handler.SendHeader("x-two", "caf\u00e9\ttwo");
            handler.SendHeader("X-One", "");
            handler.EndHeaders();
        });
        Assert.Equal("HTTP/1.0 200 OK\r\nX-One: 1\r\nx-two: caf\u00e9\ttwo\r\nX-One: \r\n\r\n", answer);
    }

    [Theory]
    [InlineData("X", "a\rb")]
    [InlineData("X", "a\nb")]
    [InlineData("X", "a\r\nSet-Cookie: b")]
    [InlineData("X", "a\0b")]
    [InlineData("X", "a\u001b")]
    [InlineData("X", "\u0100")]
    [InlineData("X", "\ud800")]
    [InlineData("", "a")]
    [InlineData("X Y", "a")]
    [InlineData("X:", "a")]
    [InlineData("X\r\nY", "a")]
    [InlineData("X\0", "a")]
    [InlineData("\u00e9", "a")]
    public async Task A_header_that_could_break_out_of_its_line_throws(string name, string value) =>
        Assert.IsType<ArgumentException>(await FailureOfAsync(handler =>
        {
            handler.SendResponse(200);
            handler.SendHeader(name, value);
        }));

    [Theory]
    [InlineData("Content-Length", "x")]
    [InlineData("Content-Length", "-1")]
    [InlineData("Content-Length", "+1")]
    [InlineData("content-length", "1, 1")]
    [InlineData("Content-Length", "")]
    [InlineData("Content-Length", "3")]
    [InlineData("Transfer-Encoding", "chunked")]
    public async Task A_length_that_contradicts_itself_throws(string name, string value) =>
        Assert.IsType<ArgumentException>(await FailureOfAsync(handler =>
        {
            handler.SendResponse(200);
            handler.SendHeader("Content-Length", "2");
            handler.SendHeader(name, value);
        }));

    [Fact]
    public async Task A_length_beside_a_transfer_coding_throws() =>
        Assert.IsType<ArgumentException>(await FailureOfAsync(handler =>
        {
            handler.SendResponse(200);
            handler.SendHeader("Transfer-Encoding", "chunked");
            handler.SendHeader("Content-Length", "2");
        }));

    [Fact]
    public async Task Calls_in_the_wrong_order_throw()
    {
        await AssertMisuseAsync(handler => handler.SendHeader("X", "y"));
        await AssertMisuseAsync(handler => handler.EndHeaders());
        await AssertMisuseAsync(handler =>
        {
            handler.SendText("one");
            handler.SendResponse(200);
        });
        await AssertMisuseAsync(handler =>
        {
            handler.SendText("one");
            handler.SendHeader("X", "y");
        });
        await AssertMisuseAsync(handler =>
        {
            handler.SendResponse(200);
            handler.Wfile.Write("early"u8);
        });
        await AssertMisuseAsync(handler =>
        {
            handler.Wfile.Write("raw"u8);
            handler.SendResponse(200);
        });

        static async Task AssertMisuseAsync(Action<BaseHttpRequestHandler> answer) =>
            Assert.IsType<InvalidOperationException>(await FailureOfAsync(answer));
    }

    [Fact]
    public async Task EndHeaders_after_an_interim_answer_lets_the_final_one_follow()
    {
        var answer = await AskAsync(handler =>
        {
            handler.SendResponseOnly(103);
            handler.SendHeader("Link", "</a.css>");
            handler.EndHeaders();
            handler.SendResponseOnly(200);
            handler.SendHeader("Content-Length", "2");
            handler.EndHeaders();
            handler.Wfile.Write("ok"u8);
        });
        Assert.Equal("HTTP/1.0 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", answer);
    }

    [Fact]
    public async Task EndHeaders_calls_FlushHeaders()
    {
        var handler = new Own();
        await Conversation.AskAsync(handler, "GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(1, handler.Flushes);
    }

    [Fact]
    public async Task ServerVersion_and_SysVersion_make_the_Server_header()
    {
        Assert.Contains("\r\nServer: A/1 B/2\r\n", await AskAsync(handler =>
        {
            handler.SendText("");
            Assert.Equal("A/1 B/2", handler.VersionString());
        }, handler => (handler.ServerVersion, handler.SysVersion) = ("A/1", "B/2")));
        Assert.Contains("\r\nServer: A/1\r\n", await AskAsync(handler => handler.SendText(""), handler => handler.ServerVersion = "A/1"));
        Assert.DoesNotContain("Server:", await AskAsync(handler => handler.SendText(""), handler => handler.ServerVersion = ""));
    }

    [Fact]
    public void VersionString_names_the_product_and_no_runtime() =>
        Assert.Matches(@"^HttpServer/\d+\.\d+$", new ActionHandler(_ => default).VersionString());

    [Fact]
    public void ProtocolVersion_is_http_1_0_by_default_and_knows_two_versions()
    {
        var handler = new Own();
        Assert.Equal("HTTP/1.0", handler.ProtocolVersion);
        handler.ProtocolVersion = "HTTP/1.1";
        Assert.Equal("HTTP/1.1", handler.ProtocolVersion);
        Assert.Throws<ArgumentException>(() => handler.ProtocolVersion = "HTTP/2");
        Assert.Throws<ArgumentException>(() => handler.ProtocolVersion = "http/1.1");
    }

    [Fact]
    public void Responses_has_every_registered_status_with_both_texts()
    {
        Assert.Same(HttpReasons.All, BaseHttpRequestHandler.Responses);
        Assert.Equal("Not Found", BaseHttpRequestHandler.Responses[404].Phrase);
        Assert.NotEmpty(BaseHttpRequestHandler.Responses[404].Explanation);
    }

    [Fact]
    public async Task DateTimeString_has_the_form_of_headers()
    {
        var seen = new List<string>();
        await AskAsync(handler =>
        {
            seen.Add(handler.DateTimeString());
            seen.Add(handler.DateTimeString(new DateTimeOffset(2026, 2, 3, 1, 2, 3, TimeSpan.FromHours(2))));
            handler.SendText("");
        });
        Assert.Equal(["Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 02 Feb 2026 23:02:03 GMT"], seen);
    }

    [Fact]
    public async Task SendText_sends_text_in_utf_8_with_type_and_length()
    {
        var answer = await AskAsync(handler => handler.SendText("\u00e9", "text/x", 201));
        Assert.StartsWith("HTTP/1.0 201 Created\r\n", answer);
        Assert.Contains("\r\nContent-Type: text/x\r\nContent-Length: 2\r\n", answer);
        Assert.EndsWith("\r\n\r\n\u00c3\u00a9", answer);
    }

    [Fact]
    public async Task SendError_sends_an_escaped_page_with_its_length_and_goes_on()
    {
        var handler = ActionHandler.Of(handler => handler.SendError(404, "<b>No</b>", "\"&<script>"));
        handler.ErrorMessageFormat = "%(code)d|%(message)s|%(explain)s";
        var answer = await Conversation.AskAsync(handler, "GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
        const string Page = "404|&lt;b&gt;No&lt;/b&gt;|&quot;&amp;&lt;script&gt;";
        Assert.StartsWith("HTTP/1.1 404 <b>No</b>\r\n", answer);
        Assert.DoesNotContain("\r\nConnection:", answer);
        Assert.Equal(2, answer.Split("HTTP/1.1 404 ").Length - 1);
        Assert.Contains("\r\nVary: Accept\r\n", answer);
        Assert.Contains("\r\nContent-Type: text/html;charset=utf-8\r\n", answer);
        Assert.Contains("\r\nContent-Security-Policy: default-src 'none'", answer);
        Assert.Contains("\r\nX-Content-Type-Options: nosniff\r\n", answer);
        Assert.Contains("\r\nReferrer-Policy: same-origin\r\n", answer);
        Assert.Contains($"\r\nContent-Length: {Page.Length.ToString(CultureInfo.InvariantCulture)}\r\n", answer);
        Assert.EndsWith("\r\n\r\n" + Page, answer);
    }

    [Theory]
    [InlineData("a\r\nX: y", "a??X: y")]
    [InlineData("\u20ac \u00e9", "? \u00e9")]
    [InlineData("\u001b[31m", "?[31m")]
    public async Task SendError_takes_any_message(string message, string phrase) =>
        Assert.StartsWith($"HTTP/1.0 400 {phrase}\r\nServer:", await AskAsync(handler => handler.SendError(400, message)));

    [Theory]
    [InlineData(404, "404|Not Found|Nothing matches")]
    [InlineData(599, "599|???|???")]
    public async Task SendError_knows_the_texts_of_a_code_or_says_so(int code, string page) =>
        Assert.Contains("\r\n\r\n" + page, await AskAsync(
            handler => handler.SendError(code), handler => handler.ErrorMessageFormat = "%(code)d|%(message)s|%(explain)s"));

    [Fact]
    public async Task ErrorContentType_is_the_type_of_the_page()
    {
        var answer = await AskAsync(
            handler => handler.SendError(400),
            handler => (handler.ErrorContentType, handler.ErrorMessageFormat) = ("application/json", "{\"code\": %(code)d}"));
        Assert.Contains("\r\nContent-Type: application/json\r\n", answer);
        Assert.EndsWith("\r\n\r\n{\"code\": 400}", answer);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(205)]
    [InlineData(304)]
    public async Task SendError_has_no_body_where_none_belongs(int code)
    {
        var answer = await AskAsync(handler => handler.SendError(code));
        Assert.StartsWith($"HTTP/1.0 {code} ", answer);
        Assert.EndsWith("\r\n\r\n", answer);
        Assert.DoesNotContain("Content-Type", answer);
    }

    [Fact]
    public async Task SendError_of_an_interim_status_has_no_body_and_is_not_the_answer()
    {
        var answer = await AskAsync(handler => handler.SendError(103));
        Assert.StartsWith("HTTP/1.0 103 Early Hints\r\n", answer);
        Assert.StartsWith("HTTP/1.0 500 ", answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
    }

    [Fact]
    public async Task SendError_to_HEAD_has_the_headers_of_the_page_alone()
    {
        var answer = await AskAsync(handler => handler.SendError(404), request: "HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Matches(@"\r\nContent-Length: [1-9]\d+\r\n", answer);
        Assert.EndsWith("\r\n\r\n", answer);
    }

    private static Task<string> AskAsync(
        Action<BaseHttpRequestHandler> answer,
        Action<BaseHttpRequestHandler>? configure = null,
        string request = "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    {
        var handler = ActionHandler.Of(answer);
        handler.ProtocolVersion = "HTTP/1.0";
        configure?.Invoke(handler);
        return Conversation.AskAsync(handler, request, new HttpServerOptions { TimeProvider = new FakeTimeProvider(Now) });
    }

    private static async Task<Exception?> FailureOfAsync(Action<BaseHttpRequestHandler> answer)
    {
        Exception? failure = null;
        await AskAsync(handler => failure = Record.Exception(() => answer(handler)));
        return failure;
    }

    private sealed class Own : BaseHttpRequestHandler
    {
        public int Flushes { get; private set; }

        public void DoGet() => SendText("");

        public override void FlushHeaders()
        {
            Flushes++;
            base.FlushHeaders();
        }
    }
}
