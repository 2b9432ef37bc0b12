using Http.Server.Tests.Support;

namespace Http.Server.Tests.Cgi;

/// <summary>What a page of another origin may have a program do with what the browser sends by itself.</summary>
public sealed class CgiForgeryTests : IAsyncDisposable
{
    private const string Password = "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n";

    private readonly CgiSite _site = new();

    public CgiForgeryTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is a shell script.");
        _site.Page("run", "echo ran >> ../ran; echo ran");
        CgiSite.Open(_site.Root, UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
    }

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Theory]
    [InlineData("POST", "Origin: https://evil.example\r\n", 403)]
    [InlineData("POST", "Origin: null\r\n", 403)]
    [InlineData("POST", "Sec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("POST", "Sec-Fetch-Site: same-site\r\n", 403)]
    [InlineData("PUT", "Origin: https://evil.example\r\n", 403)]
    [InlineData("DELETE", "Origin: https://evil.example\r\n", 403)]
    [InlineData("PATCH", "Sec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("GET", "Sec-Fetch-Site: cross-site\r\n", 200)]
    [InlineData("POST", "", 200)]
    [InlineData("POST", "Origin: http://test\r\n", 200)]
    [InlineData("POST", "Sec-Fetch-Site: same-origin\r\n", 200)]
    [InlineData("POST", "Origin: https://named.example\r\n", 200)]
    public async Task With_the_users_password_only_the_servers_own_pages_change_something(string method, string headers, int status)
    {
        var server = _site.Serve(static handler =>
        {
            handler.Authentication = BasicAuthentication.FromPasswords(new Dictionary<string, string> { ["anna"] = "secret" });
            handler.CorsOrigins = ["https://named.example"];
        });
        var answer = await server.SendAsync($"{method} /cgi-bin/run HTTP/1.1\r\nHost: test\r\n{Password}{headers}Content-Length: 0\r\n\r\n");
        Assert.Equal((status, status == 200), (answer.Status, answer.Text == "ran\n"));
        Assert.Equal(status == 200, File.Exists(Path.Combine(_site.Root, "ran")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Cookie: session=1\r\n")]
    public async Task Where_the_server_asks_for_no_password_it_is_the_programs_business(string headers)
    {
        var answer = await _site.Serve().SendAsync(
            $"POST /cgi-bin/run HTTP/1.1\r\nHost: test\r\n{headers}Origin: https://evil.example\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal("ran\n", answer.Text);
    }
}
