using System.Net;
using System.Net.Sockets;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Requests;

/// <summary>What a handler sees of a client in front of proxies.</summary>
public sealed class ClientTests
{
    private const string Told = "X-Forwarded-For: 192.0.2.1:4711\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: example.com\r\n";

    private static readonly HttpServerOptions Trusting = new() { TrustedProxies = [TrustedProxy.Parse("127.0.0.1"), TrustedProxy.Parse("10.0.0.0/8")] };

    [Fact]
    public async Task A_trusted_proxy_is_believed_the_clients_address_scheme_and_host()
    {
        await using var server = Serve(Trusting);
        Assert.Equal("192.0.2.1:4711 https example.com 127.0.0.1", (await server.GetAsync("/", Told)).Text);
        Assert.Equal("192.0.2.9:0 http test 127.0.0.1", (await server.GetAsync("/", "Forwarded: for=192.0.2.9\r\n")).Text);
        Assert.Equal("192.0.2.1:0 https example.com:8443 127.0.0.1",
            (await server.GetAsync("/", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: example.com\r\nX-Forwarded-Port: 8443\r\n")).Text);
        Assert.Equal("192.0.2.1:0 https example.com 127.0.0.1",
            (await server.GetAsync("/", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: example.com\r\nX-Forwarded-Port: 443\r\n")).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task From_anybody_else_the_headers_change_nothing(bool trustsSomebody)
    {
        await using var server = Serve(trustsSomebody ? Trusting with { TrustedProxies = [TrustedProxy.Parse("192.0.2.7"), TrustedProxy.UnixSocket] } : new());
        using var client = await server.ConnectAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{Told}Forwarded: for=203.0.113.9;proto=https;host=evil.example\r\n\r\n");
        Assert.Matches("^127\\.0\\.0\\.1:[1-9][0-9]* http test 127\\.0\\.0\\.1$", (await client.ReadResponseAsync()).Text);
        Assert.All(server.Log.Requests, request => Assert.Equal("127.0.0.1", request.Client));
    }

    [Fact]
    public async Task One_connection_carries_the_requests_of_many_clients()
    {
        await using var server = Serve(Trusting);
        using var proxy = await server.ConnectAsync();
        foreach (var (headers, seen) in new[] { (Told, "192.0.2.1:4711 https example.com"), ("", "127.0.0.1:"), ("X-Forwarded-For: 2001:db8::1\r\n", "2001:db8::1]:0 http test") })
        {
            await proxy.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
            Assert.Contains(seen, (await proxy.ReadResponseAsync()).Text);
        }

        await server.Log.WaitForAsync(log => log.Requests.Count == 3);
        Assert.Equal(["192.0.2.1", "127.0.0.1", "2001:db8::1"], server.Log.Requests.Select(request => request.Client));
    }

    [Theory]
    [InlineData("X-Forwarded-For: nonsense\r\nX-Forwarded-Proto: https\r\n")]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Host: a b\r\n")]
    [InlineData("Forwarded: for=\"\r\n")]
    [InlineData("Forwarded: for=203.0.113.9\r\nX-Forwarded-For: 192.0.2.1\r\n")]
    public async Task What_is_malformed_is_ignored_as_a_whole(string headers)
    {
        await using var server = Serve(Trusting);
        Assert.Matches("^127\\.0\\.0\\.1:[0-9]+ http test ", (await server.GetAsync("/", headers)).Text);
    }

    [Fact]
    public async Task A_request_that_is_refused_is_the_proxys()
    {
        await using var server = Serve(Trusting);
        Assert.Equal(400, (await server.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{Told}bad header\r\n\r\n")).Status);
        await server.Log.WaitForAsync(log => log.Requests.Count == 1);
        Assert.Equal("127.0.0.1", server.Log.Requests.Single().Client);
    }

    [Fact]
    public async Task A_Unix_socket_is_trusted_by_its_name()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Path, "s");
        foreach (var (proxies, seen) in new[] { (new[] { TrustedProxy.UnixSocket }, "192.0.2.1:4711 https example.com"), (Trusting.TrustedProxies, " http test") })
        {
            var options = new HttpServerOptions { TrustedProxies = proxies, Log = new RecordingLog() };
            await using var server = new ThreadingHttpServer([new UnixDomainSocketEndPoint(path)], () => ActionHandler.Of(Show), options);
            var serving = server.ServeForeverAsync(CancellationToken.None);
            using (var client = await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(path)))
            {
                await client.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{Told}\r\n");
                Assert.Contains(seen, (await client.ReadResponseAsync()).Text);
            }

            await server.DisposeAsync();
            await serving;
        }
    }

    /// <summary>The connection comes from this machine, the client does not.</summary>
    [Theory]
    [InlineData("", 401)]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n", 401)]
    [InlineData("X-Forwarded-For: 127.0.0.1\r\n", 401)]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n", 403)]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\n", 403)]
    [InlineData("X-Forwarded-For: unknown\r\n", 403)]
    [InlineData("X-Forwarded-For: garbage\r\nX-Forwarded-Proto: https\r\n", 403)]
    [InlineData("Forwarded: for=\", for=192.0.2.1;proto=https\r\n", 403)]
    public async Task Passwords_are_asked_for_only_where_the_client_speaks_HTTPS(string headers, int status)
    {
        var users = BasicAuthentication.FromPasswords([new("anna", "secret")]);
        await using var server = new RunningServer(() =>
        {
            var handler = ActionHandler.Of(Show);
            handler.Authentication = users;
            return handler;
        }, Trusting);
        Assert.Equal(status, (await server.GetAsync("/", headers)).Status);
    }

    [Fact]
    public async Task Through_HTTPS_the_scheme_is_what_the_proxy_says()
    {
        await using var server = ActionHandler.Serve(Show, Trusting, ServerCertificate.SelfSigned());
        Assert.Contains(" https test ", (await server.GetAsync("/")).Text);
        Assert.Contains(" http test ", (await server.GetAsync("/", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n")).Text);
    }

    private static RunningServer Serve(HttpServerOptions options) => ActionHandler.Serve(Show, options);

    private static void Show(BaseHttpRequestHandler handler) =>
        handler.SendText($"{handler.ClientAddress} {handler.Scheme} {handler.Host} {(handler.PeerAddress as IPEndPoint)?.Address}");
}
