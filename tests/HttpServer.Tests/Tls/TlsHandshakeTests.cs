using System.Net.Security;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Tls;

/// <summary>Handshakes that fail, that take too long, and that are none.</summary>
public sealed class TlsHandshakeTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    /// <summary>A handshake record that promises 512 bytes.</summary>
    private static readonly byte[] GreetingBegun = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01];

    private static readonly ServerCertificate Certificate = ServerCertificate.SelfSigned();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handshake_that_takes_too_long_ends_the_connection(bool isBegun)
    {
        var time = new FakeTimeProvider();
        await using var server = Serve(new HttpServerOptions { TimeProvider = time, HeaderTimeout = TimeSpan.FromSeconds(10) });
        using var client = await RawClient.ConnectAsync(server.Port);
        if (isBegun)
            await client.SendAsync(GreetingBegun);
        var ended = client.IsEndedAsync();
        // The time may pass before the server has taken the connection up; then it passes once more.
        while (!ended.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(await ended);
        await server.Log.WaitForAsync(log => log.Messages.Any(message => message == (LogLevel.Debug, "127.0.0.1", "The TLS handshake took too long.")));
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Slow_handshakes_do_not_hold_up_others()
    {
        await using var server = Serve();
        var slow = new List<RawClient>();
        for (var number = 0; number < 20; number++)
        {
            slow.Add(await RawClient.ConnectAsync(server.Port));
            await slow[^1].SendAsync(GreetingBegun.AsMemory(0, number % GreetingBegun.Length));
        }

        Assert.Equal("hello", (await server.GetAsync("/")).Text);
        slow.ForEach(client => client.Dispose());
        Assert.Equal("hello", (await server.GetAsync("/")).Text);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001\u0000\u0005hello")]
    [InlineData("\u0000\u0001\u0002\u0003\u0004\u0005\u0006")]
    [InlineData("\u0080\u002e\u0001\u0003\u0001")]
    public async Task What_is_no_handshake_ends_the_connection_and_is_no_error(string bytes)
    {
        await using var server = Serve();
        using var client = await RawClient.ConnectAsync(server.Port);
        await client.SendAsync(bytes);
        client.FinishSending();
        await client.ReadToEndAsync();
        await server.Log.WaitForAsync(log => log.Messages.Any(message => message.Text.StartsWith("The TLS handshake failed: ", StringComparison.Ordinal)));
        Assert.Equal("hello", (await server.GetAsync("/")).Text);
        Assert.All(server.Log.Messages, message => Assert.Equal(LogLevel.Debug, message.Level));
    }

    [Fact]
    public async Task A_client_that_distrusts_the_certificate_or_speaks_another_protocol_is_no_error()
    {
        await using var server = Serve();
        using var other = new TestAuthority();
        await Assert.ThrowsAsync<System.Security.Authentication.AuthenticationException>(() => RawClient.ConnectTlsAsync(server.Port, other.Root));
        using var tcp = new System.Net.Sockets.TcpClient("127.0.0.1", server.Port);
        await using var stream = new SslStream(tcp.GetStream());
        await Assert.ThrowsAnyAsync<Exception>(() => stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                RemoteCertificateValidationCallback = static (_, found, _, _) => found is not null,
            },
            TestContext.Current.CancellationToken));
        Assert.Equal("hello", (await server.GetAsync("/")).Text);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_plain_request_is_told_that_the_port_speaks_https()
    {
        await using var server = Serve();
        using var client = await RawClient.ConnectAsync(server.Port);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
        var response = await client.ReadResponseAsync();
        Assert.Equal((400, "close"), (response.Status, response["Connection"]));
        Assert.Contains("This port speaks HTTPS", response.Text);
        client.FinishSending();
        Assert.True(await client.IsEndedAsync());
        var (level, address, text) = Assert.Single(server.Log.Messages, static message => message.Level > LogLevel.Debug);
        Assert.Equal((LogLevel.Information, "127.0.0.1"), (level, address));
        Assert.Contains("https://", text);
    }

    [Theory]
    [InlineData("\u0016")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\n\r\n")]
    public async Task A_tls_greeting_at_a_plain_port_ends_cleanly_with_a_hint(string greeting)
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("hello"));
        using var client = await server.ConnectAsync();
        await client.SendAsync(greeting);
        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        client.FinishSending();
        Assert.True(await client.IsEndedAsync());
        var (level, address, text) = Assert.Single(server.Log.Messages, static message => message.Level > LogLevel.Debug);
        Assert.Equal((LogLevel.Information, "127.0.0.1"), (level, address));
        Assert.Contains("http://", text);
    }

    [Fact]
    public async Task A_client_that_speaks_tls_with_a_plain_port_fails_at_once()
    {
        await using var server = ActionHandler.Serve(handler => handler.SendText("hello"));
        await Assert.ThrowsAnyAsync<Exception>(() => RawClient.ConnectTlsAsync(server.Port));
        await server.Log.WaitForAsync(log => log.Messages.Any(message => message.Text.Contains("A TLS greeting", StringComparison.Ordinal)));
        Assert.Equal("hello", (await server.GetAsync("/")).Text);
    }

    [Fact]
    public async Task A_stop_ends_handshakes_at_once_and_lets_requests_end()
    {
        var begun = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var server = ActionHandler.ServeAsync(
            async handler =>
            {
                begun.SetResult();
                await goOn.Task;
                handler.SendText("hello");
            },
            null,
            Certificate);
        using var busy = await server.ConnectAsync();
        await busy.SendAsync(Get);
        await begun.Task;
        using var idle = await server.ConnectAsync();
        using var silent = await RawClient.ConnectAsync(server.Port);
        using var slow = await RawClient.ConnectAsync(server.Port);
        await slow.SendAsync(GreetingBegun);
        var stopping = server.Server.ShutdownAsync(TimeSpan.FromMinutes(1));
        Assert.True(await silent.IsEndedAsync());
        Assert.True(await slow.IsEndedAsync());
        Assert.True(await idle.IsEndedAsync());
        Assert.False(stopping.IsCompleted);
        goOn.SetResult();
        Assert.Equal("hello", (await busy.ReadResponseAsync()).Text);
        Assert.True(await busy.IsEndedAsync());
        await stopping;
        await server.DisposeAsync();
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_stop_without_grace_breaks_requests_off()
    {
        var begun = new TaskCompletionSource();
        var server = ActionHandler.ServeAsync(
            async handler =>
            {
                handler.SendResponse(200);
                handler.EndHeaders();
                await handler.Wfile.FlushAsync();
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
            },
            null,
            Certificate);
        using var client = await server.ConnectAsync();
        await client.SendAsync(Get);
        await begun.Task;
        await client.ReadThroughAsync("\r\n\r\n");
        await server.DisposeAsync();
        Assert.True(await client.IsEndedAsync());
    }

    private static RunningServer Serve(HttpServerOptions? options = null) => ActionHandler.Serve(handler => handler.SendText("hello"), options, Certificate);
}
