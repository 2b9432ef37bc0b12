using System.Runtime.InteropServices;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Pages that follow their files.</summary>
public sealed class LiveReloadTests : IDisposable
{
    private const string Target = "/.well-known/httpserver/live-reload";
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Changes_are_told_until_the_program_is_stopped()
    {
        _folder.Write("index.html", "<p>one</body>");
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--live-reload");
        Assert.Contains("/live-reload.js\"", (await program.GetAsync("/")).Text, StringComparison.Ordinal);
        using var client = await program.ConnectAsync();
        await client.SendAsync($"GET {Target} HTTP/1.1\r\nHost: test\r\n\r\n");
        await client.ReadThroughAsync("event: version\n");
        _folder.Write("index.html", "<p>two</body>");
        await client.ReadThroughAsync("event: reload\n");
        var result = await program.StopAsync(PosixSignal.SIGINT);
        Assert.Equal(0, result.ExitCode);
        Assert.EndsWith("0\r\n\r\n", System.Text.Encoding.Latin1.GetString(await client.ReadToEndAsync()), StringComparison.Ordinal);
    }

    /// <summary>The system gives every user few watches.</summary>
    [Fact]
    public async Task Where_the_system_cannot_watch_it_is_said_and_pages_are_served()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux counts watches.");
        var unshare = Tool.Require("unshare", "util-linux");
        const string NoWatches = "echo 0 > /proc/sys/user/max_inotify_instances";
        var isPossible = await ServerProgram.RunToolAsync(unshare, ["-r", "/bin/sh", "-c", NoWatches]);
        Assert.SkipUnless(isPossible.ExitCode == 0, "This system does not let its users have a number of watches of their own.");
        _folder.Write("index.html", "<p>one</body>");
        await using var program = ServerProgram.StartInShell(
            $"exec {unshare} -r /bin/sh -c '{NoWatches}; exec {ServerProgram.Launcher}\"$0\" 0 -b 127.0.0.1 -d \"{_folder.Path}\" --live-reload' \"$0\"");
        await program.WaitForAnnouncementAsync();
        using var client = await program.ConnectAsync();
        await client.SendAsync($"GET {Target} HTTP/1.1\r\nHost: test\r\n\r\n");
        await client.ReadThroughAsync("event: version\n");
        Assert.Contains("one", (await program.GetAsync("/")).Text, StringComparison.Ordinal);
        var result = await program.StopAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Live reload does not see all changes below", result.Errors, StringComparison.Ordinal);
        Assert.Contains("fs.inotify.max_user_instances", result.Errors, StringComparison.Ordinal);
    }
}
