using System.Net;
using System.Net.Sockets;
using System.Text;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Many clients that ask and do not read, while the server's memory is bounded to 64 MiB.</summary>
public sealed class SlowReaderTests : IDisposable
{
    /// <summary>As many as a process with so much memory takes connections, with some room for others.</summary>
    private const int Readers = 400;
    private readonly string _directory = Directory.CreateTempSubdirectory("httpserver-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("/large.bin", "")]
    [InlineData("/large.bin", "Range: bytes=5-\r\n")]
    [InlineData("/large.bin", "Range: bytes=0-9000000,20000000-30000000,31000000-\r\n")]
    [InlineData("/large.txt", "Accept-Encoding: gzip\r\n")]
    [InlineData("/large.txt", "Accept-Encoding: br\r\n")]
    [InlineData("/?archive=zip", "")]
    [InlineData("/names/", "")]
    public async Task They_are_answered_or_refused_and_others_are_served(string target, string header)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is started by a shell.");
        WriteFiles();
        await using var server = ServerProgram.StartInShell(
            $"DOTNET_GCHeapHardLimit=0x4000000 exec {ServerProgram.Launcher}\"$0\" 0 --bind 127.0.0.1 --directory '{_directory}' --archive --quiet");
        await server.WaitForAnnouncementAsync();
        var request = Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n");
        var sockets = new List<Socket>();
        try
        {
            for (var count = 0; count < Readers; count++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                sockets.Add(socket);
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), TestContext.Current.CancellationToken);
                await socket.SendAsync(request, TestContext.Current.CancellationToken);
            }

            Assert.Equal(200, (await server.GetAsync("/small.txt")).Status);
            var buffer = new byte[16];
            // The first of them have their answers; of the others some wait for theirs.
            Assert.True(await sockets[0].ReceiveAsync(buffer, TestContext.Current.CancellationToken) > 12);
            Assert.Matches("^HTTP/1.1 20[06]", Encoding.ASCII.GetString(buffer));
        }
        finally
        {
            foreach (var socket in sockets)
                socket.Dispose();
        }

        Assert.Equal(200, (await server.GetAsync("/small.txt")).Status);
    }

    private void WriteFiles()
    {
        File.WriteAllText(Path.Combine(_directory, "small.txt"), "small");
        using (var large = File.Create(Path.Combine(_directory, "large.bin")))
            large.SetLength(64 * 1024 * 1024);
        var noise = new byte[12 * 1024 * 1024];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(Path.Combine(_directory, "large.txt"), noise);
        var names = Directory.CreateDirectory(Path.Combine(_directory, "names")).FullName;
        for (var number = 0; number < 12_000; number++)
            File.WriteAllBytes(Path.Combine(names, $"a-name-that-is-not-short-{number:00000}.txt"), []);
    }
}
