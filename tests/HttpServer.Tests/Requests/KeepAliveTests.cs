using Http.Server.Requests;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Requests;

public sealed class KeepAliveTests
{
    [Fact]
    public void The_first_reason_counts_until_a_handler_says_otherwise()
    {
        var keepAlive = new KeepAlive();
        Assert.True(keepAlive.IsDisabled);
        keepAlive.Begin(CloseReason.None);
        Assert.False(keepAlive.IsDisabled);
        keepAlive.Disable(CloseReason.SaidInAnswer);
        keepAlive.Disable(CloseReason.LengthBroken);
        Assert.Equal(CloseReason.SaidInAnswer, keepAlive.Reason);
        keepAlive.Enable();
        Assert.False(keepAlive.IsDisabled);
    }

    [Fact]
    public void Each_reason_has_words_of_its_own()
    {
        var reasons = Enum.GetValues<CloseReason>().Except([CloseReason.None, CloseReason.NoRequest]).Select(KeepAlive.Describe).ToList();
        Assert.Equal(reasons.Distinct(), reasons);
        Assert.DoesNotContain(KeepAlive.Describe(CloseReason.None), reasons);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", null)]
    [InlineData("GET / HTTP/1.0\r\n\r\n", null)]
    [InlineData("GET /set HTTP/1.1\r\nHost: a\r\n\r\n", nameof(CloseReason.SetByHandler))]
    [InlineData("GET /said HTTP/1.1\r\nHost: a\r\n\r\n", nameof(CloseReason.SaidInAnswer))]
    [InlineData("GET /raw HTTP/1.1\r\nHost: a\r\n\r\n", nameof(CloseReason.RawAnswer))]
    [InlineData("GET /framed HTTP/1.1\r\nHost: a\r\n\r\n", nameof(CloseReason.FramedByHandler))]
    [InlineData("GET /open HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", nameof(CloseReason.BodyWithoutLength))]
    [InlineData("GET /more HTTP/1.1\r\nHost: a\r\n\r\n", nameof(CloseReason.LengthBroken))]
    [InlineData("GET /fail HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", nameof(CloseReason.BodyUnread))]
    [InlineData("GET  / HTTP/1.1\r\n\r\n", nameof(CloseReason.RequestRefused))]
    [InlineData("GET /switch HTTP/1.1\r\nHost: a\r\n\r\n", nameof(CloseReason.OtherProtocol))]
    public async Task The_debug_log_tells_why_a_connection_ends(string request, string? reason)
    {
        var handler = ActionHandler.Of(Answer);
        using var conversation = new Conversation(handler);
        conversation.Stream.Feed(request);
        conversation.Stream.FinishInput();
        await conversation.EndAsync();
        var told = conversation.Log.Messages.Where(static message => message.Level == LogLevel.Debug).Select(static message => message.Text);
        Assert.Equal(reason is null ? [] : [KeepAlive.Describe(Enum.Parse<CloseReason>(reason))], told);
    }

    private static void Answer(BaseHttpRequestHandler handler)
    {
        switch (handler.Path)
        {
            case "/set":
                handler.CloseConnection = true;
                handler.SendText("a");
                break;
            case "/said":
                handler.SendResponse(200);
                handler.SendHeader("Content-Length", "0");
                handler.SendHeader("Connection", "close");
                handler.EndHeaders();
                break;
            case "/raw":
                handler.Wfile.Write("HTTP/1.1 200 OK\r\n\r\n"u8);
                break;
            case "/framed":
                handler.SendResponse(200);
                handler.SendHeader("Transfer-Encoding", "chunked");
                handler.EndHeaders();
                handler.Wfile.Write("0\r\n\r\n"u8);
                break;
            case "/switch":
                handler.SendResponse(101);
                handler.EndHeaders();
                break;
            case "/open":
                handler.SendResponse(200);
                handler.EndHeaders();
                break;
            case "/more":
                handler.SendResponse(200);
                handler.SendHeader("Content-Length", "1");
                handler.EndHeaders();
                handler.Wfile.Write("ab"u8);
                break;
            case "/fail":
                throw new InvalidOperationException("It fails.");
            default:
                handler.SendText("a");
                break;
        }
    }
}
