using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>Preflights of CORS where a password is asked for, and Strict-Transport-Security.</summary>
public sealed class PreflightTests : IDisposable
{
    private const string Origin = "Origin: https://app.example\r\n";
    private const string Wanted = "Access-Control-Request-Method: GET\r\n";

    private static readonly BasicAuthentication Users = BasicAuthentication.FromPasswords([new("anna", "geheim")]);
    private readonly TempDirectory _directory = new();

    public PreflightTests() => _directory.Write("file.txt", "text");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/file.txt")]
    [InlineData("/none")]
    [InlineData("/%2e%2e/etc")]
    [InlineData("*")]
    [InlineData("/cgi-bin/program")]
    public async Task A_preflight_needs_no_password_and_tells_nothing_of_its_path(string target)
    {
        await using var server = Serve(["https://app.example"]);
        using var client = await server.ConnectAsync();
        for (var round = 0; round < 2; round++)
        {
            await client.SendAsync($"OPTIONS {target} HTTP/1.1\r\nHost: test\r\n{Origin}{Wanted}Access-Control-Request-Headers: authorization\r\n\r\n");
            var answer = await client.ReadResponseAsync();
            Assert.Equal((204, "https://app.example", "authorization"),
                (answer.Status, answer["Access-Control-Allow-Origin"], answer["Access-Control-Allow-Headers"]));
            Assert.Equal("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT", answer["Access-Control-Allow-Methods"]);
            Assert.Null(answer["WWW-Authenticate"]);
        }

        Assert.False(File.Exists(Path.Combine(_directory.Path, "ran")));
    }

    [Theory]
    [InlineData("OPTIONS", Origin)]
    [InlineData("OPTIONS", Wanted)]
    [InlineData("OPTIONS", Origin + Wanted + "Authorization: Basic YW5uYTpmYWxzY2g=\r\n")]
    [InlineData("GET", Origin + Wanted)]
    [InlineData("POST", Origin + Wanted)]
    [InlineData("options", Origin + Wanted)]
    public async Task What_is_no_preflight_needs_the_password(string method, string headers)
    {
        await using var server = Serve(["https://app.example"]);
        Assert.Equal(401, (await server.SendAsync($"{method} /file.txt HTTP/1.1\r\nHost: test\r\n{headers}\r\n")).Status);
    }

    [Fact]
    public async Task Without_origins_no_preflight_passes()
    {
        await using var server = Serve([]);
        Assert.Equal(401, (await server.SendAsync($"OPTIONS /file.txt HTTP/1.1\r\nHost: test\r\n{Origin}{Wanted}\r\n")).Status);
    }

    [Fact]
    public async Task The_request_that_follows_is_answered_with_its_password()
    {
        await using var server = Serve(["*"]);
        using var client = await server.ConnectAsync();
        await client.SendAsync($"OPTIONS /file.txt HTTP/1.1\r\nHost: test\r\n{Origin}{Wanted}\r\n");
        Assert.Equal(204, (await client.ReadResponseAsync()).Status);
        var password = Convert.ToBase64String(Encoding.UTF8.GetBytes("anna:geheim"));
        await client.SendAsync($"GET /file.txt HTTP/1.1\r\nHost: test\r\n{Origin}Authorization: Basic {password}\r\n\r\n");
        Assert.Equal("text", (await client.ReadResponseAsync()).Text);
        await client.SendAsync($"GET /file.txt HTTP/1.1\r\nHost: test\r\n{Origin}\r\n");
        Assert.Equal(401, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData(true, true, "max-age=31536000")]
    [InlineData(true, false, null)]
    [InlineData(false, true, null)]
    public async Task Browsers_are_told_to_come_by_HTTPS_alone(bool isWanted, bool isSecure, string? policy)
    {
        await using var server = RunningServer.OfDirectory(
            _directory.Path, handler => handler.Hsts = isWanted, certificate: isSecure ? ServerCertificate.SelfSigned() : null);
        foreach (var target in new[] { "/file.txt", "/none", "/", "/%zz" })
            Assert.Equal(policy, (await server.GetAsync(target))["Strict-Transport-Security"]);
    }

    [Fact]
    public async Task A_header_of_the_users_own_takes_the_place_of_the_policy()
    {
        await using var server = RunningServer.OfDirectory(
            _directory.Path,
            handler => (handler.Hsts, handler.ExtraHeaders) = (true, [new("strict-transport-security", "max-age=60")]),
            certificate: ServerCertificate.SelfSigned());
        Assert.Equal("max-age=60", (await server.GetAsync("/file.txt"))["Strict-Transport-Security"]);
    }

    private RunningServer Serve(string[] origins)
    {
        var program = _directory.Write("cgi-bin/program", "#!/bin/sh\ntouch ../ran\nprintf 'Content-Type: text/plain\\n\\n'\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        return new(() => new CgiHttpRequestHandler { Directory = _directory.Path, Authentication = Users, CorsOrigins = origins, CgiUser = "root" });
    }
}
