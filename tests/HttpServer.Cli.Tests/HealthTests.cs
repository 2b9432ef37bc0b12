using System.Net;
using System.Net.Sockets;
using System.Text;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary><c>httpserver health</c>, for images that have no other program to ask with.</summary>
public sealed class HealthTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_server_that_works_gives_0_and_no_word()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "localhost", "-d", _folder.Path, "--health", "/healthz");
        foreach (var host in (string[])["localhost", "127.0.0.1"])
            AssertHealthy(await ServerProgram.RunAsync("health", $"http://{host}:{program.Port}/healthz"));
    }

    [Fact]
    public async Task Another_status_gives_1_and_is_told()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path);
        var address = $"http://127.0.0.1:{program.Port}/missing?a=b";
        AssertUnhealthy($"{address} answered 404 File not found.", await ServerProgram.RunAsync("health", address));
    }

    [Fact]
    public async Task A_Unix_domain_socket_is_asked_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The path has a colon.");
        var path = Path.Combine(_folder.Path, "s");
        await using var program = await ServerProgram.ServeAsync("-b", $"unix:{path}", "-d", _folder.Path, "--health", "/healthz");
        AssertHealthy(await ServerProgram.RunAsync("health", $"unix:{path}:/healthz"));
        AssertHealthy(await ServerProgram.RunAsync("health", $"unix:{path}"));
        AssertUnhealthy($"unix:{path}:/no answered 404 File not found.", await ServerProgram.RunAsync("health", $"unix:{path}:/no"));
        AssertUnhealthy($"unix:{path}2 does not answer: ", await ServerProgram.RunAsync("health", $"unix:{path}2"));
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_needs_insecure()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--tls-self-signed");
        var address = $"https://127.0.0.1:{program.Port}/";
        AssertHealthy(await ServerProgram.RunAsync("health", "--insecure", address));
        var result = await ServerProgram.RunAsync("health", address);
        AssertUnhealthy($"{address} has a certificate that is not trusted: ", result);
        Assert.EndsWith("Add --insecure to ask all the same.", result.Errors.TrimEnd());
        var plain = address.Replace("https", "http", StringComparison.Ordinal);
        AssertUnhealthy(plain, await ServerProgram.RunAsync("health", plain));
    }

    [Theory]
    [InlineData("", "gave no answer within 1 s.")]
    [InlineData("SSH-2.0-OpenSSH_9\r\n", "does not speak HTTP.")]
    [InlineData("HTTP/1.1 2000 OK\r\n", "does not speak HTTP.")]
    [InlineData("HTTP/1.1 503\r\n", "answered 503.")]
    [InlineData("HTTP/1.1 301 Moved\u001b[31m\r\n", "answered 301 Moved\\x1b[31m.")]
    public async Task What_answers_in_another_way_or_never_gives_1_in_a_bounded_time(string answer, string problem)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = ServerProgram.RunAsync("health", "--timeout", "1", $"http://{listener.LocalEndpoint}/");
        using var client = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        await client.SendAsync(Encoding.Latin1.GetBytes(answer));
        AssertUnhealthy($"http://{listener.LocalEndpoint}/ {problem}", await asked);
    }

    [Fact]
    public async Task A_port_where_nothing_listens_gives_1()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"http://{listener.LocalEndpoint}/";
        listener.Stop();
        AssertUnhealthy($"{address} does not answer: ", await ServerProgram.RunAsync("health", address));
    }

    [Theory]
    [InlineData("health needs an address: httpserver health http://localhost:8000/healthz.", "health")]
    [InlineData("health takes an address such as http://localhost:8000/healthz or unix:/run/site.sock:/healthz, not 'localhost:8000'.", "health", "localhost:8000")]
    [InlineData("health takes an address such as http://localhost:8000/healthz or unix:/run/site.sock:/healthz, not 'ftp://localhost/'.", "health", "ftp://localhost/")]
    [InlineData("health takes an address such as http://localhost:8000/healthz or unix:/run/site.sock:/healthz, not 'http://a:b@localhost/'.", "health", "http://a:b@localhost/")]
    [InlineData("health takes an address such as http://localhost:8000/healthz or unix:/run/site.sock:/healthz, not 'unix:'.", "health", "unix:")]
    [InlineData("'http://b/' is one argument too many: health asks one server.", "health", "http://a/", "http://b/")]
    [InlineData("There is no option --insecur of health.", "health", "--insecur", "http://a/")]
    [InlineData("--timeout takes a number of seconds from 1 to 86400, not '0'.", "health", "--timeout=0", "http://a/")]
    [InlineData("--timeout takes a number of seconds from 1 to 86400, not ''.", "health", "http://a/", "--timeout")]
    public async Task A_wrong_argument_gives_2(string problem, params string[] arguments)
    {
        var result = await ServerProgram.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal($"httpserver: {problem} Try 'httpserver health --help'.", Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task Its_help_names_the_options()
    {
        var result = await ServerProgram.RunAsync("health", "--help");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.All(["--insecure", "--timeout SECONDS", "unix:SOCKET:/PATH"], text => Assert.Contains(text, result.Output));
    }

    private static void AssertHealthy(ProgramResult result) => Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Errors));

    private static void AssertUnhealthy(string problem, ProgramResult result)
    {
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"httpserver: {problem}", Assert.Single(result.ErrorLines));
    }
}
