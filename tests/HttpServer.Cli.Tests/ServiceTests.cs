using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>What systemd gives a service, and what it is told.</summary>
public sealed class ServiceTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _folder = new();
    private readonly TempDirectory _run = new();

    public ServiceTests() => _folder.Write("a.txt", "content");

    public void Dispose()
    {
        _folder.Dispose();
        _run.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("--bind fd:3")]
    [InlineData("--bind fd:http")]
    [InlineData("9000")]
    public async Task A_socket_that_systemd_hands_on_is_served(string arguments)
    {
        var activate = RequireActivation();
        var path = Path.Combine(_run.Path, "s");
        await using var program = ServerProgram.StartInShell(
            $"exec {activate} --fdname=http -l '{path}' {ServerProgram.FullLauncher}\"$0\" {arguments} -d '{_folder.Path}'");
        using (var client = await ConnectAsync(path))
        {
            await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal("content", (await client.ReadResponseAsync()).Text);
        }

        await program.WaitForAnnouncementAsync();
        Assert.Equal($"Serving {_folder.Path} on unix:{path} ...", program.Announcement);
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
        // It is the manager's, which may start the next process with it.
        Assert.True(File.Exists(path));
    }

    [Theory]
    [InlineData("fd:77", "Cannot listen at fd:77: the program was not started with this descriptor.")]
    [InlineData("fd:http", "Cannot listen at 'fd:http': no socket of this name was handed on")]
    [InlineData("fd:", "Cannot listen at 'fd:': no socket of this name was handed on")]
    [InlineData("fd:1", "Cannot listen at 'fd:1': no socket of this name was handed on")]
    public async Task What_was_not_handed_on_is_said_in_one_line(string address, string problem)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows hands no sockets on.");
        var result = await ServerProgram.RunAsync("--bind", address, "-d", _folder.Path);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(problem, Assert.Single(result.ErrorLines));
    }

    [Fact]
    public async Task A_descriptor_that_is_no_socket_is_none()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows hands no sockets on.");
        await using var program = ServerProgram.StartInShell($"exec {ServerProgram.Launcher}\"$0\" --bind fd:9 -d '{_folder.Path}' 9</dev/null");
        Assert.Contains("fd:9: this descriptor is no stream socket that listens", await program.ReadErrorLineAsync());
        Assert.Equal(1, await program.WaitForEndAsync());
    }

    [Fact]
    public async Task The_sockets_of_another_process_are_not_taken()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows hands no sockets on.");
        await using var program = ServerProgram.StartInShell(
            $"exec env LISTEN_PID=1 LISTEN_FDS=1 {ServerProgram.Launcher}\"$0\" 0 -b 127.0.0.1 -d '{_folder.Path}'");
        await program.WaitForAnnouncementAsync();
        Assert.Equal("content", (await program.GetAsync("/a.txt")).Text);
    }

    [Fact]
    public async Task The_manager_is_told_what_the_service_does()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is systemd's way.");
        using var manager = Listen(out var path);
        await using var program = ServerProgram.StartInShell(
            $"exec env NOTIFY_SOCKET='{path}' WATCHDOG_USEC=400000 {ServerProgram.Launcher}\"$0\" 0 -b 127.0.0.1 -d '{_folder.Path}' --drain 1");
        await program.WaitForAnnouncementAsync();
        Assert.Equal($"READY=1\nSTATUS={program.Announcement}", await ReceiveAsync(manager, "READY"));
        Assert.Equal("WATCHDOG=1", await ReceiveAsync(manager, "WATCHDOG"));
        program.Signal(PosixSignal.SIGHUP);
        Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*$", await ReceiveAsync(manager, "RELOADING"));
        Assert.StartsWith("READY=1\n", await ReceiveAsync(manager, "READY"));
        program.Signal(PosixSignal.SIGTERM);
        Assert.Equal("STOPPING=1\nEXTEND_TIMEOUT_USEC=6500000", await ReceiveAsync(manager, "STOPPING"));
        Assert.Equal(0, await program.WaitForEndAsync());
    }

    [Theory]
    [InlineData("NOTIFY_SOCKET=/nowhere/at/all")]
    [InlineData("NOTIFY_SOCKET=relative")]
    [InlineData("NOTIFY_SOCKET=@")]
    [InlineData("NOTIFY_SOCKET= WATCHDOG_USEC=x")]
    [InlineData("NOTIFY_SOCKET=@httpserver-test-nobody WATCHDOG_USEC=-1 WATCHDOG_PID=1")]
    [InlineData("JOURNAL_STREAM=8:1")]
    [InlineData("JOURNAL_STREAM=8:")]
    [InlineData("JOURNAL_STREAM=x")]
    public async Task What_is_wrong_in_the_environment_changes_nothing(string environment)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is systemd's way.");
        await using var program = ServerProgram.StartInShell(
            $"exec env {environment} {ServerProgram.Launcher}\"$0\" 0 -b 127.0.0.1 -d '{_folder.Path}'");
        await program.WaitForAnnouncementAsync();
        Assert.Equal("content", (await program.GetAsync("/a.txt")).Text);
        var result = await program.StopAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("127.0.0.1 - - [", Assert.Single(result.ErrorLines));
    }

    private static string RequireActivation() => Tool.Require("systemd-socket-activate", "systemd");

    /// <summary>Connects as soon as a program listens at the path: the file is there a moment before its socket listens.</summary>
    private static async Task<RawClient> ConnectAsync(string path)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return await RawClient.ConnectAsync(new UnixDomainSocketEndPoint(path));
            }
            catch (SocketException)
            {
                limit.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }

    private Socket Listen(out string path)
    {
        path = Path.Combine(_run.Path, "notify");
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    /// <summary>The next message that begins with a word; others may come at any time.</summary>
    private static async Task<string> ReceiveAsync(Socket manager, string word)
    {
        using var limit = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        while (true)
        {
            var text = Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer, limit.Token));
            if (text.StartsWith(word, StringComparison.Ordinal))
                return text;
        }
    }
}
