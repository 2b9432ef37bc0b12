using System.Globalization;
using System.Runtime.InteropServices;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>The server as the first process of a container, which the system treats unlike all others.</summary>
public sealed class FirstProcessTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_signal_ends_it_as_it_ends_any_other()
    {
        Open(_folder.Write("a.txt", "content"));
        Open(_folder.Path);
        await using var program = await ServeAsync();
        Assert.Equal("content", (await program.GetAsync("/a.txt")).Text);
        ProcessSignal.Send(FindServer(program), PosixSignal.SIGTERM);
        Assert.Equal(0, await program.WaitForEndAsync());
    }

    [Fact]
    public async Task What_programs_leave_behind_is_removed()
    {
        Tool.RequireCgi();
        // It ends after the program, whose parent cannot ask for it then.
        Script("leave", "(while [ -e \"/proc/$$\" ]; do :; done) < /dev/null > /dev/null 2>&1 & echo \"$!\"");
        Script("look", "[ -e \"/proc/$QUERY_STRING\" ] && echo there || echo gone");
        await using var program = await ServeAsync("--cgi");
        Assert.Equal("there\n", (await program.GetAsync("/cgi-bin/look?1")).Text);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var round = 0; round < 3; round++)
        {
            var left = (await program.GetAsync("/cgi-bin/leave")).Text.Trim();
            Assert.True(int.Parse(left, CultureInfo.InvariantCulture) > 1);
            while ((await program.GetAsync($"/cgi-bin/look?{left}")).Text != "gone\n")
                Assert.False(patience.IsCancellationRequested, $"Process {left} has ended, and stays in the table of processes.");
        }

        ProcessSignal.Send(FindServer(program), PosixSignal.SIGTERM);
        Assert.Equal(0, await program.WaitForEndAsync());
    }

    /// <summary>A program that its user, who is not root, can read.</summary>
    private void Script(string name, string text)
    {
        var path = _folder.Write($"cgi-bin/{name}", $"#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n{text}\n");
        foreach (var open in new[] { path, Path.GetDirectoryName(path)!, _folder.Path })
            Open(open);
    }

    private static void Open(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    /// <summary>As another user than root, for whom the server would ask for the users of its programs: where .NET has started a program itself, it cleans up.</summary>
    private async Task<ServerProgram> ServeAsync(string more = "")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has namespaces of processes.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root makes a namespace of processes: run the tests as root.");
        var unshare = Tool.Require("unshare", "util-linux");
        var (exitCode, _, errors) = await Tool.RunAsync(unshare, "--pid", "--fork", "--mount-proc", "--setuid=65532", "test", "-r", ServerProgram.File);
        Assert.SkipWhen(exitCode != 0, $"No namespace of processes can be made here, or another user cannot read the program: {errors}");
        var program = ServerProgram.StartInShell(
            $"exec '{unshare}' --pid --fork --mount-proc --setuid=65532 {ServerProgram.FullLauncher}\"$0\" 0 -q -b 127.0.0.1 -d '{_folder.Path}' {more}");
        await program.WaitForAnnouncementAsync();
        return program;
    }

    /// <summary>The number outside, of what is number 1 inside.</summary>
    private static int FindServer(ServerProgram program) =>
        int.Parse(File.ReadAllText($"/proc/{program.Id}/task/{program.Id}/children").Split(' ')[0], CultureInfo.InvariantCulture);
}
