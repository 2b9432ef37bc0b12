using System.Net;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Tls;

public sealed class HttpsServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    [Fact]
    public async Task One_connection_is_served_after_the_other()
    {
        await using var server = new HttpsServer(
            new IPEndPoint(IPAddress.Loopback, 0), () => ActionHandler.Of(handler => handler.SendText(handler.RequestId)), ServerCertificate.SelfSigned(),
            new HttpServerOptions { Log = NullLog.Instance });
        var serving = server.ServeForeverAsync(TestContext.Current.CancellationToken);
        Assert.True(server.IsSecure);
        using var first = await RawClient.ConnectTlsAsync(server.ServerPort);
        var second = RawClient.ConnectTlsAsync(server.ServerPort);
        await first.SendAsync(Get);
        Assert.Equal("1-1", (await first.ReadResponseAsync()).Text);
        Assert.Equal(1, server.ConnectionCount);
        Assert.False(second.IsCompleted);
        first.Dispose();
        using var next = await second;
        await next.SendAsync(Get);
        Assert.Equal("2-1", (await next.ReadResponseAsync()).Text);
        await server.ShutdownAsync(TimeSpan.Zero);
        await serving;
    }
}
