using System.Net.Sockets;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Standard streams that are closed, full or have no reader.</summary>
public sealed class StandardStreamsTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public StandardStreamsTests() => _folder.Write("a.txt", "content");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("abc", "2>&-", 2)]
    [InlineData("abc", "2>/dev/full", 2)]
    [InlineData("0 -d /no/such/directory", "2>&-", 1)]
    [InlineData("--help", ">&-", 0)]
    [InlineData("--help", ">/dev/full", 0)]
    [InlineData("--version", "<&- >&- 2>&-", 0)]
    public async Task What_cannot_be_said_changes_no_exit_code(string arguments, string redirection, int exitCode)
    {
        RequireShell(redirection);
        var result = await ServerProgram.RunToolAsync("/bin/sh", ["-c", $"exec {ServerProgram.Launcher}\"$0\" {arguments} {redirection}", ServerProgram.File]);
        Assert.Equal(new ProgramResult(exitCode, "", ""), result);
    }

    [Fact]
    public async Task Help_ends_in_peace_when_its_reader_has_enough()
    {
        RequireShell("|");
        var result = await ServerProgram.RunToolAsync("/bin/sh", ["-c", $"{{ {ServerProgram.Launcher}\"$0\" --help; echo $? >&2; }} | head -n 1", ServerProgram.File]);
        Assert.Equal("0", Assert.Single(result.ErrorLines));
        Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(">&-")]
    [InlineData(">/dev/full")]
    [InlineData("2>&-")]
    [InlineData("2>/dev/full")]
    [InlineData("<&- >&- 2>&-")]
    public async Task A_server_serves_and_stops_without_its_standard_streams(string redirection)
    {
        RequireShell(redirection);
        var socket = Path.Combine(_folder.Path, "s");
        await using var program = ServerProgram.StartInShell($"exec {ServerProgram.Launcher}\"$0\" -b \"unix:{socket}\" -d \"{_folder.Path}\" {redirection}");
        // Where there is no announcement, a connection that is accepted tells that the server is there.
        for (var i = 0; i < 5; i++)
            Assert.Equal("HTTP/1.1 404 File not found", await GetMissingAsync(socket));
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task A_log_whose_reader_has_left_does_not_end_the_server()
    {
        RequireShell("|");
        await using var program = ServerProgram.StartInShell($"{{ {ServerProgram.Launcher}\"$0\" 0 -d \"{_folder.Path}\" 2>&1 >&3 | true; }} 3>&1");
        await program.WaitForAnnouncementAsync();
        for (var i = 0; i < 5; i++)
            Assert.Equal(200, (await program.GetAsync("/a.txt")).Status);
    }

    private static async Task<string> GetMissingAsync(string path)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token);
            }
            catch (SocketException)
            {
                await Task.Delay(20, patience.Token);
                continue;
            }

            using var stream = new NetworkStream(socket);
            await stream.WriteAsync("GET /missing HTTP/1.0\r\n\r\n"u8.ToArray(), patience.Token);
            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync(patience.Token)).Split("\r\n")[0];
        }
    }

    private static void RequireShell(string redirection)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The redirections are those of a Unix shell.");
        Assert.SkipWhen(redirection.Contains("/dev/full", StringComparison.Ordinal) && !OperatingSystem.IsLinux(), "Linux alone has /dev/full.");
    }
}
