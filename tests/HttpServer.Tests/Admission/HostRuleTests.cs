using System.Net;
using System.Text;
using Http.Server.Admission;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Admission;

/// <summary>A name of the public DNS may have been made to point here by a page, and is answered for only if it was allowed.</summary>
public sealed class HostRuleTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:8000")]
    [InlineData("[::1]")]
    [InlineData("[::1]:8000")]
    [InlineData("192.0.2.7:80")]
    [InlineData("127.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:8000")]
    [InlineData("localhost.")]
    [InlineData("nas")]
    [InlineData("app.localhost")]
    [InlineData("app.localhost.:8000")]
    [InlineData("printer.local")]
    [InlineData("app.TEST")]
    [InlineData("vault.internal")]
    [InlineData("nas.home.arpa")]
    [InlineData("router.lan")]
    [InlineData("")]
    [InlineData(":8000")]
    public void What_lies_outside_the_public_DNS_is_answered_for(string host) => Assert.True(Allows([], host));

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:8000")]
    [InlineData("EVIL.EXAMPLE")]
    [InlineData("evil.example.")]
    [InlineData("evil.example.:8000")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("127.0.0.1.nip.io")]
    [InlineData("localtest.me")]
    [InlineData("mylocalhost.com")]
    [InlineData("a.mylocalhost")]
    [InlineData("a.notlocal")]
    [InlineData("a.arpa")]
    [InlineData("evilhome.arpa")]
    [InlineData("evil%2eexample")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("1.2.3.4.5")]
    [InlineData("evil.example,127.0.0.1")]
    [InlineData("..")]
    public void A_public_name_is_not(string host) => Assert.False(Allows([], host));

    [Theory]
    [InlineData("www.example.com", "www.example.com", true)]
    [InlineData("www.example.com", "WWW.Example.COM.:443", true)]
    [InlineData("WWW.EXAMPLE.COM", "www.example.com", true)]
    [InlineData("www.example.com.", "www.example.com", true)]
    [InlineData("www.example.com", "example.com", false)]
    [InlineData("www.example.com", "a.www.example.com", false)]
    [InlineData("*.example.com", "a.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "evilexample.com", false)]
    [InlineData("*.example.com", "a.example.com.evil.example", false)]
    [InlineData("bücher.example", "xn--bcher-kva.example", true)]
    [InlineData("*", "evil.example", true)]
    [InlineData("www.example.com", "localhost", true)]
    public void Names_can_be_allowed(string allowed, string host, bool isAllowed) => Assert.Equal(isAllowed, Allows([allowed], host));

    [Theory]
    [InlineData("")]
    [InlineData("example.com:8000")]
    [InlineData("http://example.com")]
    [InlineData("example.com/path")]
    [InlineData("a b")]
    [InlineData("*example.com")]
    [InlineData("a.*.com")]
    [InlineData("*.")]
    [InlineData("**")]
    public void What_is_no_name_is_refused_when_the_server_is_made(string text)
    {
        var error = Assert.Throws<ArgumentException>(() => new ThreadingHttpServer(
            new IPEndPoint(IPAddress.Loopback, 0), static () => new SimpleHttpRequestHandler(), new HttpServerOptions { AllowedHosts = [text] }));
        Assert.Contains($"'{text}' is no name of a host", error.Message);
    }

    [Fact]
    public async Task A_server_of_this_machine_refuses_a_public_name_and_says_what_helps()
    {
        await using var server = ActionHandler.Serve(static handler => handler.SendText("secret"));
        var answer = await server.SendAsync("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        Assert.Equal((421, false), (answer.Status, answer.Text.Contains("secret")));
        Assert.Equal(421, (await server.SendAsync("GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n")).Status);
        Assert.Equal(421, (await server.SendAsync("OPTIONS / HTTP/1.1\r\nHost: evil.example\r\n\r\n")).Status);
        Assert.Equal(421, (await server.SendAsync("POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1\r\n\r\na")).Status);
        Assert.Equal(421, (await server.SendAsync("GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n")).Status);
        Assert.Equal("secret", (await server.SendAsync("GET / HTTP/1.0\r\n\r\n")).Text);
        Assert.Equal("secret", (await server.SendAsync("GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n")).Text);
        var hint = Assert.Single(server.Log.Messages, static message => message.Text.Contains("evil.example", StringComparison.Ordinal)).Text;
        Assert.Contains("--allowed-host", hint);
        Assert.Contains("-AllowedHost", hint);
    }

    [Fact]
    public async Task The_connection_goes_on_after_a_refusal()
    {
        await using var server = ActionHandler.Serve(static handler => handler.SendText("here"));
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(421, (await client.ReadResponseAsync()).Status);
        Assert.Equal("here", (await client.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task What_a_trusted_proxy_passes_on_is_answered()
    {
        await using var server = ActionHandler.Serve(
            static handler => handler.SendText("here"), new HttpServerOptions { TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] });
        Assert.Equal(200, (await server.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n")).Status);
        Assert.Equal(200, (await server.SendAsync("GET / HTTP/1.1\r\nHost: www.example.com\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n")).Status);
    }

    [Fact]
    public async Task Health_is_told_by_any_name()
    {
        await using var server = ActionHandler.Serve(static handler => handler.SendText("here"), new HttpServerOptions { HealthPath = "/healthz" });
        Assert.Equal(200, (await server.SendAsync("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("127.0.0.1 192.0.2.1", false)]
    public void Only_a_server_of_this_machine_alone_looks_at_hosts_by_itself(string addresses, bool looks)
    {
        var ends = addresses.Split(' ').Select(static address => new IPEndPoint(IPAddress.Parse(address), 8000));
        Assert.Equal(looks, ServerAdmission.Create(new HttpServerOptions(), ends) is not null);
        Assert.NotNull(ServerAdmission.Create(new HttpServerOptions { AllowedHosts = ["www.example.com"] }, ends));
    }

    private static bool Allows(string[] allowed, string host) => new HostRule(allowed).Allows(Encoding.Latin1.GetBytes(host));
}
