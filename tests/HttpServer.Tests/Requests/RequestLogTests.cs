using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Requests;

/// <summary>What a handler has logged, and where it goes.</summary>
public sealed class RequestLogTests
{
    private const string Get = "GET /a HTTP/1.1\r\nHost: test\r\n\r\n";

    [Fact]
    public async Task LogRequest_tells_the_log_of_each_answered_request()
    {
        using var conversation = await ServeAsync(ActionHandler.Of(handler => handler.SendText("12345")), Get + "HEAD /b HTTP/1.0\r\n\r\n");
        Assert.Equal([("GET /a HTTP/1.1", 200, 5, "192.0.2.7"), ("HEAD /b HTTP/1.0", 200, 0, "192.0.2.7")], conversation.Log.Requests);
    }

    [Fact]
    public async Task LogRequest_tells_of_a_refused_request_too()
    {
        using var conversation = await ServeAsync(ActionHandler.Of(_ => { }), "GET / http/1.1\r\n\r\n");
        var (line, status, _, _) = Assert.Single(conversation.Log.Requests);
        Assert.Equal(("GET / http/1.1", 400), (line, status));
    }

    [Fact]
    public async Task A_connection_that_brings_no_request_leaves_no_line()
    {
        using var conversation = await ServeAsync(ActionHandler.Of(_ => { }), "");
        Assert.Empty(conversation.Log.Requests);
        Assert.Empty(conversation.Stream.Output);
    }

    [Fact]
    public async Task LogRequest_can_be_overridden()
    {
        var handler = new Quiet();
        using var conversation = await ServeAsync(handler, Get);
        Assert.Equal([(404, 3L)], handler.Seen);
        Assert.Empty(conversation.Log.Requests);
    }

    [Fact]
    public async Task LogError_and_LogMessage_go_to_the_log_with_the_client()
    {
        using var conversation = await ServeAsync(
            ActionHandler.Of(handler =>
            {
                handler.LogError("bad {0}: {1:x}", "thing", 255);
                handler.LogMessage("as it is: {0}");
                handler.SendText("");
            }),
            Get);
        Assert.Equal(
            [(LogLevel.Error, "192.0.2.7", "bad thing: ff"), (LogLevel.Information, "192.0.2.7", "as it is: {0}")], conversation.Log.Messages);
    }

    [Fact]
    public async Task A_class_with_its_own_LogMessage_is_told_everything_in_words_as_in_python()
    {
        var handler = new Talkative();
        using var conversation = await ServeAsync(handler, Get);
        Assert.Equal(2, handler.Lines.Count);
        Assert.Equal("code 404, message Not Found", handler.Lines[0]);
        Assert.Matches("^\"GET /a HTTP/1.1\" 404 [1-9][0-9]+$", handler.Lines[1]);
        Assert.Empty(conversation.Log.Requests);
        Assert.Empty(conversation.Log.Messages);
    }

    [Fact]
    public async Task AddressString_is_the_address_without_port_and_can_be_overridden()
    {
        string? seen = null;
        using (await ServeAsync(ActionHandler.Of(handler =>
        {
            seen = handler.AddressString();
            handler.SendText("");
        }), Get))
            Assert.Equal("192.0.2.7", seen);
        using var conversation = await ServeAsync(new Forwarded(), "GET / HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
        Assert.Equal("203.0.113.9", Assert.Single(conversation.Log.Requests).Client);
    }

    [Fact]
    public async Task LogDateTimeString_is_local_time_in_pythons_form()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero));
        time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromHours(3), "test", "test"));
        string? seen = null;
        using var conversation = await ServeAsync(
            ActionHandler.Of(handler =>
            {
                seen = handler.LogDateTimeString();
                handler.SendText("");
            }),
            Get,
            new HttpServerOptions { TimeProvider = time });
        Assert.Equal("23/Nov/2026 12:30:00", seen);
    }

    private static async Task<Conversation> ServeAsync(BaseHttpRequestHandler handler, string requests, HttpServerOptions? options = null)
    {
        var conversation = new Conversation(handler, options);
        conversation.Stream.Feed(requests);
        conversation.Stream.FinishInput();
        await conversation.EndAsync();
        return conversation;
    }

    private sealed class Quiet : BaseHttpRequestHandler
    {
        public List<(int, long)> Seen { get; } = [];

        public void DoGet() => SendText("abc", code: 404);

        public override void LogRequest(int code, long size) => Seen.Add((code, size));
    }

    private sealed class Talkative : BaseHttpRequestHandler
    {
        public List<string> Lines { get; } = [];

        public void DoGet() => SendError(404);

        public override void LogMessage(string format, params object?[] args) =>
            Lines.Add(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, args));
    }

    private sealed class Forwarded : BaseHttpRequestHandler
    {
        public void DoGet() => SendText("");

        public override string AddressString() => Headers["X-Forwarded-For"] ?? base.AddressString();
    }
}
