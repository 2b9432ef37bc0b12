using System.Net;
using System.Net.Sockets;
using System.Text;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>Clients that take more than the process has: it lives on, and serves everybody afterwards.</summary>
public sealed class ShortageTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _folder = new();

    public ShortageTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows sets no limit of open files.");
        Tool.RequireCgi();
        _folder.Write("a.txt", "content");
        _folder.Write("large.bin", new string('a', 2_000_000));
        _folder.Write("cgi-bin/hello.sh", "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\nhello'\n");
        if (OperatingSystem.IsWindows())
            return;
        // Programs run as another user where the tests run as root.
        foreach (var path in new[] { _folder.Path, Path.Combine(_folder.Path, "cgi-bin"), Path.Combine(_folder.Path, "cgi-bin", "hello.sh") })
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    public static TheoryData<int, string> Floods()
    {
        var data = new TheoryData<int, string>();
        foreach (var limit in new[] { 128, 256, 1024 })
        {
            foreach (var kind in new[] { "idle", "file", "listing", "archive", "cgi", "upload", "tls" })
                data.Add(limit, kind);
        }

        return data;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Floods))]
    public async Task A_flood_of_connections_ends_nothing_and_afterwards_everything_is_served(int limit, string kind)
    {
        var tls = kind == "tls" ? "--tls-self-signed" : "";
        await using var program = ServerProgram.StartInShell(
            $"ulimit -n {limit}; exec {ServerProgram.Launcher}\"$0\" 0 -b 127.0.0.1 -q -d '{_folder.Path}' --cgi --upload --archive --log '{_folder.Path}/access.log' {tls}");
        await program.WaitForAnnouncementAsync();
        await FloodAsync(program.Port, limit, kind);
        if (kind == "tls")
        {
            using var client = await RawClient.ConnectTlsAsync(program.Port);
            await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }
        else
        {
            Assert.Equal(200, (await GetWhenThereIsRoomAsync(program, "/a.txt")).Status);
            Assert.Equal("hello", (await GetWhenThereIsRoomAsync(program, "/cgi-bin/hello.sh")).Text);
            Assert.Equal(200, (await GetWhenThereIsRoomAsync(program, "/?archive=tar")).Status);
        }

        Assert.Equal(0, (await program.StopAsync()).ExitCode);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path, ".*"), name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_opened_for_want_of_descriptors_is_503_and_told_at_most_once_a_second()
    {
        // Larger than what sockets hold, so that whoever does not read keeps it open.
        using (var large = File.OpenWrite(Path.Combine(_folder.Path, "huge.bin")))
            large.SetLength(100_000_000);
        await using var program = ServerProgram.StartInShell($"ulimit -n 256; exec {ServerProgram.Launcher}\"$0\" 0 -b 127.0.0.1 -q -d '{_folder.Path}' --cgi --upload");
        await program.WaitForAnnouncementAsync();
        var begun = Environment.TickCount64;
        var readers = new List<RawClient>();
        for (var n = 0; n < 8; n++)
            readers.Add(await program.ConnectAsync());
        foreach (var reader in readers)
        {
            await reader.SendAsync("GET /missing HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal(404, (await reader.ReadResponseAsync()).Status);
        }

        // Each upload holds its file and its directory, which is more than a connection counts as.
        var uploads = new List<RawClient>();
        for (var n = 0; n < 92; n++)
        {
            uploads.Add(await program.ConnectAsync());
            await uploads[^1].SendAsync($"PUT /up-{n} HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\nabc");
        }

        var refused = await (await Task.WhenAny(uploads.Select(upload => upload.ReadResponseAsync()))).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal((503, "1"), (refused.Status, refused["Retry-After"]));
        await readers[0].SendAsync("GET /cgi-bin/hello.sh HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(503, (await readers[0].ReadResponseAsync()).Status);
        var statuses = new List<string>();
        foreach (var reader in readers.Skip(1))
        {
            await reader.SendAsync("GET /huge.bin HTTP/1.1\r\nHost: test\r\n\r\n");
            statuses.Add((await reader.ReadThroughAsync("\r\n")).Split(' ')[1]);
        }

        Assert.Contains("503", statuses);
        Assert.All(statuses, status => Assert.Contains(status, new[] { "200", "503" }));
        foreach (var client in readers.Concat(uploads))
            client.Dispose();
        Assert.Equal(200, (await GetWhenThereIsRoomAsync(program, "/a.txt")).Status);
        Assert.Equal("hello", (await GetWhenThereIsRoomAsync(program, "/cgi-bin/hello.sh")).Text);
        var result = await program.StopAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.InRange(result.ErrorLines.Count(line => line.Contains("Too few file descriptors", StringComparison.Ordinal)), 1, 2 + ((Environment.TickCount64 - begun) / 1000));
        Assert.DoesNotContain("   at ", result.Errors);
    }

    [Theory]
    [InlineData(98, 42)]
    [InlineData(80, 35)]
    [InlineData(64, 28)]
    [InlineData(48, 22)]
    [InlineData(32, 17)]
    public async Task With_fewer_descriptors_than_it_needs_it_does_not_start_and_says_so(int compiled, int native)
    {
        // The native program has hardly more open than its standard streams.
        var limit = ServerProgram.IsLibrary ? compiled : native;
        await using var program = ServerProgram.StartInShell($"ulimit -n {limit}; exec {ServerProgram.Launcher}\"$0\" 0 -b 127.0.0.1 -d '{_folder.Path}'");
        var line = await program.ReadErrorLineAsync();
        Assert.StartsWith($"httpserver: This process may have {limit} files and connections open, and needs at least ", line);
        Assert.Contains("ulimit -n", line);
        Assert.Equal(1, await program.WaitForEndAsync());
    }

    [Fact]
    public async Task The_soft_limit_is_raised_to_the_hard_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Limits are read from /proc.");
        await using var program = ServerProgram.StartInShell($"ulimit -n 600; ulimit -S -n 300; exec {ServerProgram.Launcher}\"$0\" 0 -b 127.0.0.1 -d '{_folder.Path}'");
        await program.WaitForAnnouncementAsync();
        var line = (await File.ReadAllLinesAsync($"/proc/{program.Id}/limits", TestContext.Current.CancellationToken)).Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        Assert.Matches(@"^Max open files\s+600\s+600\s", line);
    }

    [Fact]
    public async Task No_more_connections_than_given_are_served_at_once()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", _folder.Path, "--max-connections", "2");
        using var first = await program.ConnectAsync();
        using var second = await program.ConnectAsync();
        foreach (var client in new[] { first, second })
        {
            await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
            Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        }

        using var third = await program.ConnectAsync();
        await third.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        var waiting = third.ReadResponseAsync();
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        Assert.Equal(200, (await waiting.WaitAsync(Patience, TestContext.Current.CancellationToken)).Status);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("1000001")]
    public async Task A_number_of_connections_that_is_none_is_refused(string text)
    {
        var result = await ServerProgram.RunAsync("--max-connections", text);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--max-connections takes a number from 1 to 1000000", result.Errors);
    }

    /// <summary>More clients than there are descriptors, each with a request that is not waited for, and then all leave.</summary>
    private static async Task FloodAsync(int port, int limit, string kind)
    {
        var request = Encoding.ASCII.GetBytes(kind switch
        {
            "file" => "GET /large.bin HTTP/1.1\r\nHost: test\r\n\r\n",
            "listing" => "GET / HTTP/1.1\r\nHost: test\r\n\r\n",
            "archive" => "GET /?archive=tar HTTP/1.1\r\nHost: test\r\n\r\n",
            "cgi" => "GET /cgi-bin/hello.sh HTTP/1.1\r\nHost: test\r\n\r\n",
            "upload" => "PUT /{0} HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\nabc",
            "tls" => "\u0016\u0003",
            _ => "",
        });
        var connected = 0;
        var enough = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        async Task ConnectAsync(Socket socket, int number)
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, stop.Token);
            var text = kind == "upload" ? Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(request).Replace("{0}", $"up-{number}", StringComparison.Ordinal)) : request;
            if (text.Length > 0)
                await socket.SendAsync(text);
            // Those beyond what the server takes and the system's backlog holds are not connected before others leave.
            if (Interlocked.Increment(ref connected) == limit * 3 / 4)
                enough.SetResult();
        }

        var sockets = Enumerable.Range(0, limit + 80).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 }).ToArray();
        var connecting = sockets.Select(ConnectAsync).ToArray();
        await enough.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        foreach (var socket in sockets)
            socket.Dispose();
        await Task.WhenAll(connecting).ContinueWith(static _ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>While those who have left still hold what they took, the server says to come again.</summary>
    private static async Task<RawResponse> GetWhenThereIsRoomAsync(ServerProgram program, string target)
    {
        var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                var response = await program.GetAsync(target);
                if (response.Status != 503 || Environment.TickCount64 > end)
                    return response;
            }
            catch (Exception exception) when (exception is IOException or SocketException && Environment.TickCount64 < end)
            {
                Assert.False(program.HasEnded, program.HasEnded ? $"The server has ended: {await program.ReadErrorsAsync()}" : null);
                // Where there is not even room to say so, the connection is closed.
            }
        }
    }
}
