using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

public sealed class ProxyTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public ProxyTests() => _folder.Write("a.txt", "content");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_trusted_proxy_is_believed_in_the_log()
    {
        await using var program = await ServerProgram.ServeAsync(
            "0", "-b", "127.0.0.1", "-d", _folder.Path, "--log-format", "json", "--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "127.0.0.1");
        await program.GetAsync("/a.txt", "X-Forwarded-For: 192.0.2.1, 10.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: example.com\r\n");
        var line = Assert.Single((await program.StopAsync()).ErrorLines);
        Assert.Contains("\"client\":\"192.0.2.1\",\"scheme\":\"https\",\"host\":\"example.com\"", line);
    }

    [Fact]
    public async Task Nobody_else_is()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--trusted-proxy", "192.0.2.7");
        await program.GetAsync("/a.txt", "X-Forwarded-For: 192.0.2.1\r\n");
        Assert.StartsWith("127.0.0.1 ", Assert.Single((await program.StopAsync()).ErrorLines));
    }

    [Fact]
    public async Task With_the_PROXY_protocol_a_connection_begins_with_its_header()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--trusted-proxy", "127.0.0.1", "--proxy-protocol");
        using (var with = await program.ConnectAsync())
        {
            await with.SendAsync("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal("content", (await with.ReadResponseAsync()).Text);
        }

        using (var without = await program.ConnectAsync())
        {
            await without.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.True(await without.IsEndedAsync());
        }

        var lines = (await program.StopAsync()).ErrorLines;
        Assert.Equal(2, lines.Length);
        // A request is logged after its answer, so the lines may come in any order.
        Assert.Single(lines, static line => line.StartsWith("192.0.2.1 ", StringComparison.Ordinal));
        Assert.Single(lines, static line => line.Contains("PROXY header", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Behind_a_proxy_passwords_need_no_certificate_of_the_server()
    {
        var users = _folder.Write("users", "anna:$pbkdf2-sha256$1000$c2FsdHNhbHQ$s6QxyscTq33lo3KJIGY4LBGxmOepTvnoeFO9SzgzZyE\n");
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--auth-file", users, "--trusted-proxy", "127.0.0.1");
        Assert.Equal(401, (await program.GetAsync("/a.txt", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n")).Status);
        Assert.Equal(403, (await program.GetAsync("/a.txt", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n")).Status);
    }

    [Theory]
    [InlineData("--proxy-protocol", "--proxy-protocol takes connections of known proxies alone: add --trusted-proxy ADDRESS.")]
    [InlineData("--trusted-proxy", "--trusted-proxy needs a value: --trusted-proxy ADDRESS[/BITS].")]
    [InlineData("--trusted-proxy|", "--trusted-proxy takes an address such as 192.0.2.1, a network such as 10.0.0.0/8, or unix, not ''.")]
    [InlineData("--trusted-proxy|proxy.example", "or unix, not 'proxy.example'.")]
    [InlineData("--trusted-proxy|10.0.0.1/8", "or unix, not '10.0.0.1/8'.")]
    public async Task What_is_wrong_is_said_in_one_line(string arguments, string problem)
    {
        var result = await ServerProgram.RunAsync(["0", .. arguments.Split('|')]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(problem, Assert.Single(result.ErrorLines));
    }
}
