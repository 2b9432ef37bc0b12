using System.Net.Sockets;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Proxies;

/// <summary>Behind real proxies.</summary>
public sealed class ReverseProxyTests : IAsyncLifetime
{
    private const string Usual = """
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host $host;
        """;

    private readonly CgiSite _site = new();

    public ValueTask InitializeAsync()
    {
        _site.Script("env", CgiSite.PrintEnvironment);
        CgiSite.Open(Path.GetDirectoryName(_site.Write("sub/index.html", "inside"))!);
        return default;
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task Behind_nginx_programs_redirects_and_the_log_know_the_client()
    {
        var server = _site.Serve(options: new() { TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] });
        await using var nginx = await ReverseProxy.NginxAsync($"127.0.0.1:{server.Port}", Usual);

        var variables = CgiSite.ReadEnvironment(await nginx.GetAsync("/cgi-bin/env"));
        Assert.Equal(
            [ReverseProxy.Client, "on", "https", "example.com", "443", "example.com"],
            new[] { "REMOTE_ADDR", "HTTPS", "REQUEST_SCHEME", "SERVER_NAME", "SERVER_PORT", "HTTP_HOST" }.Select(variables.GetValueOrDefault));

        var redirect = await nginx.GetAsync("/sub?a=b");
        Assert.Equal((301, "/sub/?a=b"), (redirect.Status, redirect["Location"]));
        await server.Log.WaitForAsync(log => log.Requests.Count == 2);
        Assert.All(server.Log.Requests, request => Assert.Equal(ReverseProxy.Client, request.Client));
    }

    [Fact]
    public async Task Behind_nginx_a_client_cannot_pass_for_another()
    {
        var server = _site.Serve(options: new() { TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] });
        await using var nginx = await ReverseProxy.NginxAsync($"127.0.0.1:{server.Port}", Usual);
        Assert.Equal(ReverseProxy.Client, await SeenAsync("X-Forwarded-For: 192.0.2.66\r\nX-Forwarded-Host: evil.example\r\n"));
        Assert.Equal(ReverseProxy.Client, await SeenAsync("X-Forwarded-For: 192.0.2.66, 127.0.0.1, garbage\r\n"));
        // nginx lets Forwarded pass as it is: against X-Forwarded-For it counts for nothing.
        Assert.Equal("127.0.0.1", await SeenAsync("Forwarded: for=192.0.2.66;host=evil.example\r\n"));

        async Task<string> SeenAsync(string headers)
        {
            var variables = CgiSite.ReadEnvironment(await nginx.GetAsync("/cgi-bin/env", headers));
            Assert.Equal("example.com", variables["HTTP_HOST"]);
            return variables["REMOTE_ADDR"];
        }
    }

    [Fact]
    public async Task Behind_nginx_at_a_Unix_socket_Forwarded_is_understood()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Path, "back");
        var log = new RecordingLog();
        await using var server = new ThreadingHttpServer(
            [new UnixDomainSocketEndPoint(path)],
            () => ActionHandler.Of(handler => handler.SendText($"{handler.ClientAddress} {handler.Scheme} {handler.Host}")),
            new() { TrustedProxies = [TrustedProxy.UnixSocket], Log = log });
        var serving = server.ServeForeverAsync(CancellationToken.None);
        await using (var nginx = await ReverseProxy.NginxAsync($"unix:{path}:", "proxy_set_header Forwarded 'for=\"$remote_addr:$remote_port\";proto=https;host=\"$http_host\"';"))
            Assert.Equal($"{ReverseProxy.Client}:4711 https example.com", (await nginx.GetAsync("/")).Text);
        await server.DisposeAsync();
        await serving;
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("send-proxy")]
    [InlineData("send-proxy-v2")]
    [InlineData("send-proxy-v2 proxy-v2-options unique-id,crc32c")]
    public async Task By_the_PROXY_protocol_the_client_is_known_to_all(string kind)
    {
        var server = _site.Serve(options: new() { TrustedProxies = [TrustedProxy.Parse("127.0.0.1")], ProxyProtocol = true });
        var upstream = $"127.0.0.1:{server.Port}";
        await using var proxy = kind == "nginx" ? await ReverseProxy.NginxStreamAsync(upstream) : await ReverseProxy.HAProxyAsync(upstream, kind);
        var variables = CgiSite.ReadEnvironment(await proxy.GetAsync("/cgi-bin/env", "X-Forwarded-For: 192.0.2.66\r\n"));
        Assert.Equal((ReverseProxy.Client, "4711"), (variables["REMOTE_ADDR"], variables["REMOTE_PORT"]));
        await server.Log.WaitForAsync(log => log.Requests.Count == 1);
        Assert.Equal(ReverseProxy.Client, server.Log.Requests.Single().Client);
    }
}
