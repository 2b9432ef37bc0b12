using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>What programs are told behind proxies.</summary>
public sealed class CgiProxyTests : IAsyncLifetime
{
    private const string Told = "X-Forwarded-For: 192.0.2.1:4711\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: example.com\r\nX-Real-IP: 1.2.3.4\r\nX-Other: kept\r\n";

    private readonly CgiSite _site = new();

    public ValueTask InitializeAsync()
    {
        _site.Script("env", CgiSite.PrintEnvironment);
        return default;
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_program_sees_the_client_as_the_trusted_proxy_does()
    {
        var variables = await GetAsync("127.0.0.1", Told);
        Assert.Equal(
            ["192.0.2.1", "192.0.2.1", "4711", "on", "https", "example.com", "443", "example.com", "kept"],
            new[] { "REMOTE_ADDR", "REMOTE_HOST", "REMOTE_PORT", "HTTPS", "REQUEST_SCHEME", "SERVER_NAME", "SERVER_PORT", "HTTP_HOST", "HTTP_X_OTHER" }
                .Select(variables.GetValueOrDefault));
        AssertNothingClaimed(variables);
    }

    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Host: example.com:8080\r\n", "example.com", "8080")]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Host: [2001:db8::1]\r\n", "[2001:db8::1]", "80")]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Port: 8443\r\n", "test", "8443")]
    [InlineData("Forwarded: for=192.0.2.1;proto=https\r\n", "test", "443")]
    public async Task Its_server_is_the_one_that_the_client_sees(string headers, string name, string port)
    {
        var variables = await GetAsync("127.0.0.1", headers);
        Assert.Equal((name, port), (variables["SERVER_NAME"], variables["SERVER_PORT"]));
        Assert.DoesNotContain("REMOTE_PORT", variables.Keys);
    }

    [Fact]
    public async Task From_a_stranger_nothing_of_it_reaches_a_program()
    {
        var variables = await GetAsync("192.0.2.7", Told + "Forwarded: for=203.0.113.9\r\n");
        Assert.Equal(("127.0.0.1", "http", "test"), (variables["REMOTE_ADDR"], variables["REQUEST_SCHEME"], variables["HTTP_HOST"]));
        Assert.DoesNotContain("HTTPS", variables.Keys);
        AssertNothingClaimed(variables);
    }

    /// <summary>A server that knows no proxies leaves it to its programs which headers to believe, as it does with all others.</summary>
    [Fact]
    public async Task Where_no_proxy_is_trusted_the_headers_are_like_any_other()
    {
        var variables = await GetAsync(null, Told);
        Assert.Equal(("127.0.0.1", "http", "192.0.2.1:4711"), (variables["REMOTE_ADDR"], variables["REQUEST_SCHEME"], variables["HTTP_X_FORWARDED_FOR"]));
    }

    private static void AssertNothingClaimed(Dictionary<string, string> variables) => Assert.DoesNotContain(
        variables.Keys, name => name.StartsWith("HTTP_X_FORWARDED", StringComparison.Ordinal) || name is "HTTP_FORWARDED" or "HTTP_X_REAL_IP");

    private async Task<Dictionary<string, string>> GetAsync(string? proxy, string headers)
    {
        var server = _site.Serve(options: proxy is null ? new() : new() { TrustedProxies = [TrustedProxy.Parse(proxy)] });
        return CgiSite.ReadEnvironment(await server.GetAsync("/cgi-bin/env", headers));
    }
}
