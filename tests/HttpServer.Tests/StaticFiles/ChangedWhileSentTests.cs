using System.Globalization;
using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>Files that are written to while they are sent: the answer is whole or cut, and no fault of the server.</summary>
public sealed class ChangedWhileSentTests : IDisposable
{
    private const int LargeSize = 48 * 1024 * 1024;
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/large.bin", "", 200)]
    [InlineData("/large.bin", "Range: bytes=5-", 206)]
    [InlineData("/large.bin", "Range: bytes=0-47000000,48000000-48000009", 206)]
    [InlineData("/large.bin?archive=x", "", 200)]
    [InlineData("/?archive=tar", "", 200)]
    public async Task A_file_that_is_truncated_cuts_the_connection_with_one_line_and_no_fault(string target, string header, int status)
    {
        var path = WriteLarge("large.bin");
        await using var server = RunningServer.OfDirectory(_directory.Path, handler => handler.Archive = true);
        using var client = await server.ConnectAsync();
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: test\r\n{header}{(header.Length > 0 ? "\r\n" : "")}\r\n");
        var head = await client.ReadThroughAsync("\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", head, StringComparison.Ordinal);

        Truncate(path, 1000);
        var body = await client.ReadToEndAsync();

        Assert.True(body.Length < LargeSize);
        Assert.False(Encoding.ASCII.GetString(body.AsSpan(^Math.Min(5, body.Length)..)).EndsWith("0\r\n\r\n", StringComparison.Ordinal));
        await server.Log.WaitForAsync(static log => !log.Requests.IsEmpty && !log.Messages.IsEmpty);
        var (level, _, text) = Assert.Single(server.Log.Messages, static message => message.Level > LogLevel.Debug);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Equal($"\"GET {target} HTTP/1.1\": The file became shorter while it was sent.", text);
        Assert.Equal(0, server.Server.ErrorCount);
    }

    [Fact]
    public async Task A_file_that_is_truncated_while_it_is_compressed_cuts_the_connection()
    {
        var path = WriteLarge("large.txt", random: true);
        await using var server = RunningServer.OfDirectory(_directory.Path);
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /large.txt HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
        Assert.Contains("\r\nContent-Encoding: gzip\r\n", await client.ReadThroughAsync("\r\n\r\n"), StringComparison.Ordinal);
        Truncate(path, 1000);
        var body = await client.ReadToEndAsync();
        Assert.False(Encoding.Latin1.GetString(body).EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal));
        await server.Log.WaitForAsync(static log => !log.Requests.IsEmpty);
        Assert.Equal(LogLevel.Warning, Assert.Single(server.Log.Messages, static message => message.Level > LogLevel.Debug).Level);
    }

    [Theory]
    [InlineData(5000, "")]
    [InlineData(400_000, "Accept-Encoding: gzip")]
    public async Task A_file_that_changes_before_anything_of_it_has_left_is_answered_whole(int size, string header)
    {
        var path = _directory.Write("page.txt", new string('x', size));
        var handler = new TruncatingHandler(path, times: 1) { Directory = _directory.Path };
        await using var server = new RunningServer(() => handler);

        var got = await server.GetAsync("/page.txt", header + (header.Length > 0 ? "\r\n" : ""));

        Assert.Equal((200, new string('x', size - 3000), 1), (got.Status, got.DecodedText(), handler.Truncations));
        Assert.Empty(server.Log.Messages);
    }

    [Fact]
    public async Task A_file_that_changes_under_each_attempt_is_tried_again_later()
    {
        var path = _directory.Write("page.txt", new string('x', 15_000));
        await using var server = new RunningServer(() => new TruncatingHandler(path, times: int.MaxValue) { Directory = _directory.Path });
        var got = await server.GetAsync("/page.txt");
        Assert.Equal((503, "1"), (got.Status, got["Retry-After"]));
        Assert.Equal(LogLevel.Warning, Assert.Single(server.Log.Messages, static message => message.Level > LogLevel.Debug).Level);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Accept-Encoding: gzip")]
    [InlineData("Range: bytes=10-")]
    public async Task A_file_that_is_rewritten_in_place_all_the_time_is_answered_whole_or_cut(string header)
    {
        var path = _directory.Write("page.txt", "");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            for (var round = 0; !stop.IsCancellationRequested; round++)
                File.WriteAllText(path, new string((char)('a' + (round % 26)), 1000 + (round % 7 * 30_000)));
        }, TestContext.Current.CancellationToken);
        try
        {
            for (var request = 0; request < 300; request++)
            {
                using var client = await server.ConnectAsync();
                await client.SendAsync($"GET /page.txt HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{header}{(header.Length > 0 ? "\r\n" : "")}\r\n");
                var answer = Encoding.Latin1.GetString(await client.ReadToEndAsync());
                var status = int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture);
                // A range of what happens to be shorter is 416, and 503 says that the file changed under each attempt.
                Assert.Contains(status, new[] { 200, 206, 416, 503 });
            }
        }
        finally
        {
            await stop.CancelAsync();
            await writing;
        }

        Assert.Empty(server.Log.Errors);
    }

    private string WriteLarge(string name, bool random = false)
    {
        var path = Path.Combine(_directory.Path, name);
        var bytes = new byte[LargeSize];
        if (random)
            new Random(1).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void Truncate(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(length);
    }

    /// <summary>Takes 3,000 bytes off a file when its head has been made and nothing of it has been read.</summary>
    private sealed class TruncatingHandler(string path, int times) : SimpleHttpRequestHandler
    {
        public int Truncations { get; private set; }

        protected override ValueTask CopyFileAsync(FileContent source, Stream outputFile)
        {
            if (Truncations < times)
            {
                Truncations++;
                Truncate(path, new FileInfo(path).Length - 3000);
            }

            return base.CopyFileAsync(source, outputFile);
        }
    }
}
