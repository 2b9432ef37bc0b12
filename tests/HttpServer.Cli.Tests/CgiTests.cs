using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>The options for CGI.</summary>
public sealed class CgiTests : IDisposable
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly TempDirectory _folder = new();

    public CgiTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "These programs are shell scripts.");
        Tool.RequireCgi();
        Open(_folder.Path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_cgi_a_program_is_a_file()
    {
        Script("cgi-bin/page", "echo ran");
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path);
        Assert.StartsWith("#!/bin/sh", (await program.GetAsync("/cgi-bin/page")).Text);
    }

    [Fact]
    public async Task With_cgi_the_two_directories_have_programs()
    {
        Script("cgi-bin/page", "echo one");
        Script("htbin/page", "echo two");
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--cgi");
        Assert.Equal("one\n", (await program.GetAsync("/cgi-bin/page")).Text);
        Assert.Equal("two\n", (await program.GetAsync("/htbin/page")).Text);
    }

    [Fact]
    public async Task Other_directories_take_the_place_of_the_two()
    {
        Script("cgi-bin/page", "echo one");
        Script("a/page", "echo a");
        Script("b/c/page", "echo c");
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--cgi-directory", "/a", "--cgi-directory", "b/c");
        Assert.Equal("a\n", (await program.GetAsync("/a/page")).Text);
        Assert.Equal("c\n", (await program.GetAsync("/b/c/page")).Text);
        Assert.StartsWith("#!/bin/sh", (await program.GetAsync("/cgi-bin/page")).Text);
    }

    [Fact]
    public async Task Variables_are_given_or_passed_on()
    {
        Script("cgi-bin/page", "echo \"$GIVEN|$HOME|$NONE|$EMPTY\"");
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--cgi", "--cgi-env", "GIVEN=a=b c", "--cgi-env", "HOME", "--cgi-env", "EMPTY=");
        Assert.Equal($"a=b c|{Environment.GetEnvironmentVariable("HOME")}||\n", (await program.GetAsync("/cgi-bin/page")).Text);
    }

    [Fact]
    public async Task The_user_is_the_one_that_is_said()
    {
        Script("cgi-bin/page", "id -un");
        await using var own = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--cgi", "--cgi-user", Environment.UserName);
        Assert.Equal(Environment.UserName + "\n", (await own.GetAsync("/cgi-bin/page")).Text);
    }

    [Fact]
    public async Task A_silent_program_is_ended_after_the_time_that_is_said()
    {
        Script("cgi-bin/page", "exec sleep 1000", header: "");
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--cgi", "--cgi-timeout", "1");
        Assert.Equal(504, (await program.GetAsync("/cgi-bin/page")).Status);
    }

    [Theory]
    [InlineData("--cgi-timeout", "0")]
    [InlineData("--cgi-timeout", "-1")]
    [InlineData("--cgi-timeout", "soon")]
    [InlineData("--cgi-env", "=value")]
    [InlineData("--cgi-env", "")]
    [InlineData("--cgi-directory", "")]
    [InlineData("--cgi-user", "")]
    public async Task A_value_without_sense_is_a_wrong_command_line(string option, string value)
    {
        var result = await ServerProgram.RunAsync("0", "-d", _folder.Path, option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(option, result.Errors);
    }

    /// <summary>A program that ignores the signal to end would outlive a server that only asked it.</summary>
    [Fact]
    public async Task No_program_outlives_the_server()
    {
        var fifo = Path.Combine(_folder.Path, "alive");
        await ServerProgram.RunToolAsync("mkfifo", ["-m", "666", fifo]);
        Script("cgi-bin/page", $"trap '' TERM; exec 9> {fifo}; echo begun; while :; do sleep 1000; done");
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--cgi");
        using var client = await program.ConnectAsync();
        await client.SendAsync("GET /cgi-bin/page HTTP/1.1\r\nHost: test\r\n\r\n");
        await using var alive = await Task.Run(() => new FileStream(fifo, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0), TestContext.Current.CancellationToken);
        await client.ReadThroughAsync("begun\n");
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
        Assert.Equal(-1, await Task.Run(alive.ReadByte, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    private void Script(string name, string text, string header = "printf 'Content-Type: text/plain\\n\\n'")
    {
        Open(_folder.Write(name, $"#!/bin/sh\n{header}\n{text}\n"));
        for (var folder = Path.GetDirectoryName(Path.Combine(_folder.Path, name))!; folder != _folder.Path; folder = Path.GetDirectoryName(folder)!)
            Open(folder);
    }

    private static void Open(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, Everybody);
    }
}
