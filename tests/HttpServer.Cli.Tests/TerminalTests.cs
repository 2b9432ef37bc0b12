using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>What is different at a terminal, which util-linux's script plays.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string Green = "\u001b[32m200\u001b[0m";

    private readonly TempDirectory _folder = new();

    public TerminalTests() => _folder.Write("a.txt", "content");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_log_has_colour() => Assert.Contains(Green, await LogAtTerminalAsync(""));

    [Theory]
    [InlineData("NO_COLOR=1 ")]
    [InlineData("TERM=dumb ")]
    public async Task The_log_has_no_colour_where_it_is_not_wanted(string environment)
    {
        var log = await LogAtTerminalAsync(environment);
        Assert.EndsWith("\"GET /a.txt HTTP/1.1\" 200 -", log);
        Assert.DoesNotContain("\u001b[3", log);
    }

    [Fact]
    public async Task A_log_in_a_form_for_programs_has_no_colour() =>
        Assert.EndsWith("\"GET /a.txt HTTP/1.1\" 200 7", await LogAtTerminalAsync("", " --log-format common"));

    [Fact]
    public async Task Ctrl_C_ends_it_with_0()
    {
        await using var terminal = StartAtTerminal("");
        await terminal.WaitForAnnouncementAsync();
        Assert.Equal(0, await terminal.TypeAndWaitForEndAsync('\u0003'));
    }

    private async Task<string> LogAtTerminalAsync(string environment, string options = "")
    {
        await using var terminal = StartAtTerminal(environment, options);
        await terminal.WaitForAnnouncementAsync();
        Assert.Equal(200, (await terminal.GetAsync("/a.txt")).Status);
        return await terminal.ReadOutputLineAsync();
    }

    private ServerProgram StartAtTerminal(string environment, string options = "")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The script of other systems takes other options.");
        Tool.Require("script", "util-linux");
        return ServerProgram.StartInShell(
            $"""unset NO_COLOR; TERM=xterm exec script -qefc "{environment}exec {ServerProgram.Launcher}'$0' 0 -b 127.0.0.1 -d '{_folder.Path}'{options}" /dev/null""");
    }
}
