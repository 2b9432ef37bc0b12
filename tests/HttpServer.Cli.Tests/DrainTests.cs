using System.Runtime.InteropServices;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

public sealed class DrainTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_health_check_needs_no_file_and_leaves_no_line()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--health", "/healthz");
        Assert.Equal("{\"status\":\"ok\"}", (await program.GetAsync("/healthz")).Text);
        Assert.Equal(new ProgramResult(0, "", ""), await program.StopAsync());
    }

    [Fact]
    public async Task After_the_first_signal_it_serves_on_as_unhealthy_until_a_second_one()
    {
        _folder.Write("a.txt", "content");
        await using var program = await ServerProgram.ServeAsync("0", "-q", "-b", "127.0.0.1", "-d", _folder.Path, "--health", "/healthz", "--liveness", "/livez", "--drain", "600");
        using var health = await program.ConnectAsync();
        await health.SendAsync("GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(200, (await health.ReadResponseAsync()).Status);
        program.Signal(PosixSignal.SIGINT);
        Assert.Contains("another 600 s", await program.ReadErrorLineAsync());
        await health.SendAsync("GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n");
        var answer = await health.ReadResponseAsync();
        Assert.Equal((503, "close", "1"), (answer.Status, answer["Connection"], answer["Retry-After"]));
        Assert.Equal(200, (await program.GetAsync("/livez")).Status);
        // New connections too.
        Assert.Equal("content", (await program.GetAsync("/a.txt")).Text);
        Assert.Equal(0, (await program.StopAsync(PosixSignal.SIGINT)).ExitCode);
    }

    [Fact]
    public async Task One_path_does_not_tell_both()
    {
        var result = await ServerProgram.RunAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--health", "/healthz", "--liveness", "/healthz");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--liveness and --health are two paths", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--liveness|livez", "--liveness takes a path such as /healthz, not 'livez'.")]
    [InlineData("--health|healthz", "--health takes a path such as /healthz, not 'healthz'.")]
    [InlineData("--health|/a?b", "--health takes a path such as /healthz, not '/a?b'.")]
    [InlineData("--drain|0", "--drain takes a number of seconds from 1 to 86400, not '0'.")]
    public async Task What_is_wrong_is_said_in_one_line(string arguments, string problem)
    {
        var result = await ServerProgram.RunAsync(["0", .. arguments.Split('|')]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(problem, Assert.Single(result.ErrorLines));
    }
}
