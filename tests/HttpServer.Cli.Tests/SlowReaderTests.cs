using System.Net;
using System.Net.Sockets;
using System.Text;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>
/// Many clients that ask and do not read, or do not finish asking, while the server's memory is bounded to 64 MiB. The system's own memory for
/// sockets is bounded too (tcp_mem), and where it is used up the system resets connections of any program: no other test runs beside these.
/// </summary>
[Collection(nameof(SlowReaderTests))]
[CollectionDefinition(nameof(SlowReaderTests), DisableParallelization = true)]
public sealed class SlowReaderTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("httpserver-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(600, "/large.bin", "")]
    [InlineData(3000, "/large.bin", "")]
    [InlineData(600, "/large.bin", "Range: bytes=5-\r\n")]
    [InlineData(600, "/large.bin", "Range: bytes=0-9000000,20000000-30000000,31000000-\r\n")]
    [InlineData(600, "/large.txt", "Accept-Encoding: gzip\r\n")]
    [InlineData(600, "/large.txt", "Accept-Encoding: br\r\n")]
    [InlineData(600, "/names/", "")]
    public async Task Each_is_answered_or_refused_and_others_are_served(int readers, string target, string header)
    {
        await using var server = await StartAsync();
        var sockets = await FloodAsync(server.Port, readers, Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n"));
        try
        {
            var statuses = await Task.WhenAll(sockets.Select(ReadStatusAsync)).WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.All(statuses, status => Assert.Contains(status, new[] { "200", "206", "503" }));
            // Those for whom there is memory have what they asked for.
            Assert.Contains(statuses, status => status != "503");
            if (readers == 3000)
                Assert.Contains("503", statuses);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        await ServesAsync(server);
    }

    [Theory]
    [InlineData("GET /small.txt HTTP/1.1\r\nHost: local")]
    [InlineData("PUT /{0}.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nbegun")]
    [InlineData("PUT /{0}.txt HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun")]
    [InlineData("POST /?{0} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n"
        + "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{0}.txt\"\r\n\r\nbegun")]
    public async Task Requests_that_never_end_take_a_place_each_and_others_are_served_when_they_have_left(string begun)
    {
        await using var server = await StartAsync("--upload");
        var sockets = new List<Socket>();
        try
        {
            for (var count = 0; count < 2000; count += 500)
                sockets.AddRange(await FloodAsync(server.Port, 500, number => Encoding.ASCII.GetBytes(begun.Replace("{0}", $"{count}-{number}", StringComparison.Ordinal))));
            // There is room for 1,638; those behind them are told so.
            var answered = sockets.ConvertAll(ReadStatusAsync);
            for (var refused = 0; refused < 300; refused++)
            {
                var first = await Task.WhenAny(answered).WaitAsync(Patience, TestContext.Current.CancellationToken);
                answered.Remove(first);
                // On a slow machine the first have been waited for long enough, and were told that instead, before the last came.
                Assert.Contains(await first, new[] { "503", "408" });
            }
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }

        await ServesAsync(server);
    }

    [Fact]
    public async Task Archives_beyond_those_that_are_sent_wait_and_others_are_served()
    {
        await using var server = await StartAsync();
        var sockets = await FloodAsync(server.Port, 600, "GET /?archive=zip HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        try
        {
            await ServesAsync(server);
            var statuses = sockets.ConvertAll(ReadStatusAsync);
            // More than the queue holds are refused at once.
            for (var refused = 0; refused < 200;)
            {
                var first = await Task.WhenAny(statuses).WaitAsync(Patience, TestContext.Current.CancellationToken);
                statuses.Remove(first);
                var status = await first;
                Assert.Contains(status, new[] { "200", "503" });
                refused += status == "503" ? 1 : 0;
            }
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        await ServesAsync(server);
    }

    [Fact]
    public async Task Over_TLS_those_beyond_the_memory_are_closed_and_others_are_served()
    {
        await using var server = await StartAsync("--tls-self-signed");
        var sockets = await FloodAsync(server.Port, 600, [0x16, 0x03]);
        try
        {
            var buffer = new byte[1];
            // 256 have a place and wait for the rest of their handshake.
            var ends = sockets.ConvertAll(async socket => await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken));
            for (var closed = 0; closed < 300; closed++)
            {
                var first = await Task.WhenAny(ends).WaitAsync(Patience, TestContext.Current.CancellationToken);
                ends.Remove(first);
                Assert.True(first.IsFaulted || await first == 0);
            }
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        using var client = await ConnectWhenThereIsRoomAsync(server.Port);
        await client.SendAsync("GET /small.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
    }

    private static Task<List<Socket>> FloodAsync(int port, int readers, byte[] request) => FloodAsync(port, readers, _ => request);

    private static async Task<List<Socket>> FloodAsync(int port, int readers, Func<int, byte[]> request)
    {
        var sockets = new List<Socket>();
        for (var count = 0; count < readers; count++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
            sockets.Add(socket);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
            await socket.SendAsync(request(count), TestContext.Current.CancellationToken);
        }

        return sockets;
    }

    private static async Task<string> ReadStatusAsync(Socket socket)
    {
        var buffer = new byte[12];
        for (var count = 0; count < buffer.Length;)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(count), TestContext.Current.CancellationToken);
            if (read == 0)
                return "";
            count += read;
        }

        return Encoding.ASCII.GetString(buffer, 9, 3);
    }

    /// <summary>A small file is answered, as soon as those who have left have given back what they had.</summary>
    private static async Task ServesAsync(ServerProgram server)
    {
        var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        int status;
        do
            status = (await server.GetAsync("/small.txt")).Status;
        while (status == 503 && Environment.TickCount64 < end);
        Assert.Equal(200, status);
    }

    private static async Task<RawClient> ConnectWhenThereIsRoomAsync(int port)
    {
        for (var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; ;)
        {
            try
            {
                return await RawClient.ConnectTlsAsync(port);
            }
            catch (IOException) when (Environment.TickCount64 < end)
            {
                // Those who have left still hold their places.
            }
        }
    }

    private async Task<ServerProgram> StartAsync(string options = "")
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is started by a shell.");
        WriteFiles();
        var server = ServerProgram.StartInShell(
            $"DOTNET_GCHeapHardLimit=4000000 exec {ServerProgram.Launcher}\"$0\" 0 --bind 127.0.0.1 --directory '{_directory}' --archive --quiet {options}");
        await server.WaitForAnnouncementAsync();
        return server;
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
