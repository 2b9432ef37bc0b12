using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Whose requests are looked at, by name, address and number.</summary>
public sealed class AdmissionTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public AdmissionTests() => _folder.Write("a.txt", "content");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "evil.example", 421)]
    [InlineData("", "localhost", 200)]
    [InlineData("", "app.test", 200)]
    [InlineData("--allowed-host|www.example.com", "www.example.com", 200)]
    [InlineData("--allowed-host|*.example.com|--allowed-host|example.com", "example.com:8000", 200)]
    [InlineData("--allowed-host|www.example.com", "evil.example", 421)]
    [InlineData("--allowed-host|*", "evil.example", 200)]
    [InlineData("--trusted-proxy|127.0.0.1", "www.example.com", 200)]
    [InlineData("--deny|127.0.0.0/8", "localhost", 403)]
    [InlineData("--allow|127.0.0.1", "localhost", 200)]
    [InlineData("--allow|10.0.0.0/8|--allow|192.0.2.1", "localhost", 403)]
    [InlineData("--allow|127.0.0.0/8|--deny|127.0.0.1", "localhost", 403)]
    [InlineData("--rate-limit|1/h", "localhost", 200)]
    [InlineData("--max-request-line|1K", "localhost", 200)]
    public async Task Who_may_ask(string arguments, string host, int status)
    {
        await using var program = await ServeAsync(arguments);
        using var client = await program.ConnectAsync();
        await client.SendAsync($"GET /a.txt HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.Equal(status, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("--rate-limit|1/h", "", 429)]
    [InlineData("--rate-limit|2/h", "", 200)]
    [InlineData("--rate-limit|1/h|--rate-key|header:X-Api-Key", "X-Api-Key: b\r\n", 200)]
    [InlineData("--rate-key|Header:X-Api-Key|--rate-limit|1/h", "X-Api-Key: a\r\n", 429)]
    public async Task How_often(string arguments, string headers, int status)
    {
        await using var program = await ServeAsync(arguments);
        Assert.Equal(200, (await program.GetAsync("/a.txt", "X-Api-Key: a\r\n")).Status);
        Assert.Equal(status, (await program.GetAsync("/a.txt", headers)).Status);
    }

    [Fact]
    public async Task A_longer_request_line_is_refused()
    {
        await using var program = await ServeAsync("--max-request-line|1K");
        Assert.Equal(404, (await program.GetAsync("/" + new string('a', 900))).Status);
        Assert.Equal(414, (await program.GetAsync("/" + new string('a', 1100))).Status);
    }

    [Theory]
    [InlineData("--allowed-host|http://a.example", "--allowed-host takes the name of a host such as www.example.com without a port, *.example.com, or *, not 'http://a.example'.")]
    [InlineData("--allowed-host|a.example:80", "not 'a.example:80'.")]
    [InlineData("--allow|localhost", "--allow takes an address such as 192.0.2.1 or a network such as 10.0.0.0/8, not 'localhost'.")]
    [InlineData("--allow|unix", "not 'unix'.")]
    [InlineData("--deny|10.0.0.1/8", "--deny takes an address such as 192.0.2.1 or a network such as 10.0.0.0/8, not '10.0.0.1/8'.")]
    [InlineData("--rate-limit|100", "--rate-limit takes a number and a time such as 10/s, 100/m, 1000/h or 20/10s, not '100'.")]
    [InlineData("--rate-limit|0/s", "not '0/s'.")]
    [InlineData("--rate-limit|1/s|--rate-key|cookie", "--rate-key takes address, user, or header:NAME such as header:X-Api-Key, not 'cookie'.")]
    [InlineData("--rate-key|user", "--rate-key says whom a limit is for, but there is none: add --rate-limit COUNT/TIME.")]
    [InlineData("--max-request-line|15", "--max-request-line takes a number of bytes from 16 to 1048576, or one with K behind it such as 16K, not '15'.")]
    [InlineData("--max-request-line|2M", "not '2M'.")]
    public async Task What_is_wrong_is_said_in_one_line(string arguments, string problem)
    {
        var result = await ServerProgram.RunAsync(["0", "-b", "127.0.0.1", "-d", _folder.Path, .. arguments.Split('|')]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(problem, result.ErrorLines[0]);
    }

    private Task<ServerProgram> ServeAsync(string arguments) => ServerProgram.ServeAsync(
        ["0", "-b", "127.0.0.1", "-d", _folder.Path, .. arguments.Split('|', StringSplitOptions.RemoveEmptyEntries)]);
}
