using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Transport;

/// <summary>How connections end that have TLS on them.</summary>
public sealed class ConnectionTlsTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    private static readonly ServerCertificate Certificate = ServerCertificate.SelfSigned();
    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _begun = new();

    [Fact]
    public async Task A_client_that_resets_the_connection_has_left()
    {
        var left = new TaskCompletionSource<bool>();
        await using var server = ServeLeaving(left);
        using (var client = await server.ConnectAsync())
        {
            await client.SendAsync(Get);
            // A reset destroys what has not been read.
            await _begun.Task;
            client.Reset();
        }

        Assert.True(await left.Task);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_ends_the_connection_has_left_when_it_takes_nothing_any_more(bool saysGoodbye)
    {
        var left = new TaskCompletionSource<bool>();
        await using var server = ServeLeaving(left);
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get);
        if (saysGoodbye)
            await client.SayGoodbyeAsync();
        client.Dispose();
        // Before that the time would run out for the request itself.
        await _begun.Task;
        while (!left.Task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(await left.Task);
    }

    [Fact]
    public async Task A_request_that_comes_while_the_client_is_watched_is_answered()
    {
        await using var server = ActionHandler.ServeAsync(
            async handler => handler.SendText($"{handler.RequestId} {handler.Path == "/1" && await handler.WaitForDepartureAsync(CancellationToken.None)}"), null, Certificate);
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /1 HTTP/1.1\r\nHost: test\r\n\r\n");
        await client.SendAsync("GET /2 HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal("1-1 False", (await client.ReadResponseAsync()).Text);
        Assert.Equal("1-2 False", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task Watching_the_client_can_be_ended_and_leaves_the_connection_as_it_was()
    {
        await using var server = ActionHandler.ServeAsync(
            static async handler =>
            {
                using var end = new CancellationTokenSource();
                var leaving = handler.WaitForDepartureAsync(end.Token);
                await end.CancelAsync();
                handler.SendText((await leaving).ToString());
            },
            null,
            Certificate);
        using var client = await server.ConnectAsync();
        for (var round = 0; round < 3; round++)
        {
            await client.SendAsync(Get);
            Assert.Equal("False", (await client.ReadResponseAsync()).Text);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x17, 0x03, 0x03, 0x00, 0x20, 1, 2, 3 })]
    [InlineData(new byte[] { 0x17, 0x03, 0x03, 0x00, 0x12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18 })]
    [InlineData(new byte[] { 0x47, 0x45, 0x54, 0x20, 0x2f, 0x20 })]
    public async Task A_record_that_is_cut_or_damaged_ends_the_connection_and_is_no_error(byte[] record)
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("hello"), null, Certificate);
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get);
        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
        await client.SendBelowTlsAsync(record);
        client.FinishSending();
        await server.Log.WaitForAsync(log => log.Messages.Any(message => message.Text.StartsWith("The connection ended: ", StringComparison.Ordinal)));
        Assert.All(server.Log.Messages, message => Assert.Equal(LogLevel.Debug, message.Level));
    }

    [Fact]
    public async Task An_orderly_end_is_told()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("hello"), null, Certificate);
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get);
        Assert.Equal("hello", (await client.ReadResponseAsync()).Text);
        client.FinishSending();
        // One encrypted record of an alert's size (RFC 8446, sections 5.2 and 6): two bytes, their type, and the cipher's tag.
        Assert.Equal([0x17, 0x03, 0x03, 0, 2 + 1 + 16], (await client.ReadToEndBelowTlsAsync())[..5]);
    }

    [Fact]
    public async Task An_answer_that_is_broken_off_does_not_look_whole()
    {
        // Only the end delimits it: what tells an end from a cut is the goodbye of TLS, or the reset.
        await using var server = ActionHandler.ServeAsync(
            static async handler =>
            {
                await handler.Wfile.WriteAsync("HTTP/1.0 200 OK\r\n\r\nbegun"u8.ToArray());
                await handler.Wfile.FlushAsync();
                throw new InvalidOperationException("broken");
            },
            null,
            Certificate);
        var (exitCode, _, _) = await Tool.RunAsync(Tool.Require("curl", "curl"), "-s", "-k", "--noproxy", "*", $"{server.Url}/");
        Assert.NotEqual(0, exitCode);
    }

    [Fact]
    public async Task An_answer_to_a_request_whose_body_is_not_read_arrives_whole()
    {
        await using var server = ActionHandler.Serve(
            handler =>
            {
                handler.CloseConnection = true;
                handler.SendText("too much");
            },
            null,
            Certificate);
        using var client = await server.ConnectAsync();
        await client.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n");
        await client.SendAsync(new byte[50_000]);
        Assert.Equal("too much", (await client.ReadResponseAsync()).Text);
        Assert.True(await client.IsEndedAsync());
    }

    private RunningServer ServeLeaving(TaskCompletionSource<bool> left) => ActionHandler.ServeAsync(
        async handler =>
        {
            _begun.SetResult();
            left.SetResult(await handler.WaitForDepartureAsync(TestContext.Current.CancellationToken));
            handler.CloseConnection = true;
        },
        new HttpServerOptions { TimeProvider = _time },
        Certificate);
}
