using Http.Server.Tests.Support;

namespace Http.Server.Tests.Compression;

/// <summary>Files that are too large for memory are compressed while they are sent.</summary>
[Collection(nameof(Alone))]
public sealed class StreamedEncodingTests : IAsyncDisposable
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 100_000).Select(number => $"line {number}\n"));
    private readonly TempDirectory _directory = new();
    private readonly RunningServer _server;

    public StreamedEncodingTests()
    {
        _directory.Write("big.txt", Text);
        _directory.Write("limit.txt", Text[..(256 * 1024)]);
        _directory.Write("over.txt", Text[..(256 * 1024 + 1)]);
        _server = RunningServer.OfDirectory(_directory.Path, options: new() { TimeProvider = new StandingTimeProvider() });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task The_answer_comes_in_chunks_without_ranges(string coding)
    {
        var answer = await _server.GetAsync("/big.txt", $"Accept-Encoding: {coding}\r\n");
        Assert.Equal((200, coding, "chunked", null, null), (answer.Status, answer["Content-Encoding"], answer["Transfer-Encoding"], answer["Content-Length"], answer["Accept-Ranges"]));
        Assert.Equal(("Accept-Encoding", "text/plain; charset=utf-8"), (answer["Vary"], answer["Content-Type"]));
        Assert.InRange(answer.Body.Length, 1, Text.Length / 2);
        Assert.Equal(Text, answer.DecodedText());
        Assert.Equal(answer.Body, (await _server.GetAsync("/big.txt", $"Accept-Encoding: {coding}\r\n")).Body);
        Assert.Equal(200, (await _server.GetAsync("/big.txt", $"Accept-Encoding: {coding}\r\nRange: bytes=0-9\r\n")).Status);
    }

    [Fact]
    public async Task The_limit_is_what_is_kept_in_memory()
    {
        Assert.Null((await _server.GetAsync("/limit.txt", "Accept-Encoding: gzip\r\n"))["Transfer-Encoding"]);
        Assert.Equal("chunked", (await _server.GetAsync("/over.txt", "Accept-Encoding: gzip\r\n"))["Transfer-Encoding"]);
    }

    [Fact]
    public async Task Its_validator_is_weak()
    {
        var tag = (await _server.GetAsync("/big.txt", "Accept-Encoding: gzip\r\n"))["ETag"];
        Assert.Matches("^W/\"[0-9a-f-]+-gzip\"$", tag);
        var unchanged = await _server.GetAsync("/big.txt", $"Accept-Encoding: gzip\r\nIf-None-Match: {tag}\r\n");
        Assert.Equal((304, tag, "Accept-Encoding"), (unchanged.Status, unchanged["ETag"], unchanged["Vary"]));
        Assert.Equal(200, (await _server.GetAsync("/big.txt", $"Accept-Encoding: br\r\nIf-None-Match: {tag}\r\n")).Status);
        Assert.Equal(200, (await _server.GetAsync("/big.txt", $"If-None-Match: {tag}\r\n")).Status);
        // If-Match compares strongly (RFC 9110 section 13.1.1).
        Assert.Equal(412, (await _server.GetAsync("/big.txt", $"Accept-Encoding: gzip\r\nIf-Match: {tag}\r\n")).Status);
    }

    [Fact]
    public async Task As_it_is_the_file_keeps_its_length_and_ranges()
    {
        var plain = await _server.GetAsync("/big.txt");
        Assert.Equal(("bytes", "Accept-Encoding", Text), (plain["Accept-Ranges"], plain["Vary"], plain.Text));
        Assert.Equal("line 0\nlin", (await _server.GetAsync("/big.txt", "Range: bytes=0-9\r\n")).Text);
    }

    [Fact]
    public async Task A_head_tells_no_length()
    {
        var head = await _server.SendAsync("HEAD /big.txt HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
        Assert.Equal((200, "gzip", null, "Accept-Encoding"), (head.Status, head["Content-Encoding"], head["Content-Length"], head["Vary"]));
    }

    [Fact]
    public async Task A_connection_goes_on_afterwards()
    {
        using var client = await _server.ConnectAsync();
        for (var round = 0; round < 3; round++)
        {
            await client.SendAsync("HEAD /big.txt HTTP/1.1\r\nHost: test\r\nAccept-Encoding: br\r\n\r\nGET /big.txt HTTP/1.1\r\nHost: test\r\nAccept-Encoding: br\r\n\r\n");
            await client.ReadResponseAsync(isHead: true);
            Assert.Equal(Text, (await client.ReadResponseAsync()).DecodedText());
        }
    }

    [Fact]
    public async Task HTTP_1_0_gets_it_as_it_is_on_either_side()
    {
        var answer = await _server.SendAsync("GET /big.txt HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");
        Assert.Equal((null, Text), (answer["Content-Encoding"], answer.Text));
        // Unless it takes nothing else: then the end of the connection ends it.
        answer = await _server.SendAsync("GET /big.txt HTTP/1.0\r\nAccept-Encoding: gzip, identity;q=0\r\n\r\n");
        Assert.Equal(("gzip", Text), (answer["Content-Encoding"], answer.DecodedText()));
        await using var old = RunningServer.OfDirectory(_directory.Path, handler => handler.ProtocolVersion = "HTTP/1.0");
        Assert.Equal((null, Text), (await old.GetAsync("/big.txt", "Accept-Encoding: gzip\r\n")) is var plain ? (plain["Content-Encoding"], plain.Text) : default);
    }

    [Fact]
    public async Task A_file_that_becomes_shorter_ends_the_connection_without_the_last_chunk()
    {
        // Of random bytes, so that the answer is long enough not to fit into the buffers between the two.
        const int Size = 64 * 1024 * 1024;
        var path = Path.Combine(_directory.Path, "shrinks.txt");
        using (var file = File.Create(path))
        {
            var block = new byte[1024 * 1024];
            for (var count = 0; count < Size / block.Length; count++)
            {
                Random.Shared.NextBytes(block);
                file.Write(block);
            }
        }

        using var client = await _server.ConnectAsync();
        await client.SendAsync("GET /shrinks.txt HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
        await client.ReadThroughAsync("\r\n\r\n");
        using (var file = File.OpenWrite(path))
            file.SetLength(1024);
        var rest = await client.ReadToEndAsync();
        Assert.InRange(rest.Length, 1, Size / 2);
        Assert.False(rest.AsSpan().EndsWith("\r\n0\r\n\r\n"u8));
    }

    [Fact]
    public async Task Memory_stays_flat()
    {
        const long Size = 256L * 1024 * 1024;
        var path = Path.Combine(_directory.Path, "sparse.txt");
        using (var file = File.Create(path))
            file.SetLength(Size);
        foreach (var coding in new[] { "br", "gzip" })
        {
            using var client = await _server.ConnectAsync();
            await client.SendAsync($"GET /sparse.txt HTTP/1.1\r\nHost: test\r\nAccept-Encoding: {coding}\r\nConnection: close\r\n\r\n");
            var before = GC.GetTotalMemory(forceFullCollection: true);
            Assert.NotEmpty(await client.ReadToEndAsync());
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 * 1024 * 1024);
        }
    }

    [Fact]
    public async Task A_very_long_listing_is_streamed_too()
    {
        for (var number = 0; number < 3000; number++)
            _directory.Write($"many/{new string('n', 60)}{number}", "");
        var plain = await _server.GetAsync("/many/");
        Assert.InRange(plain.Body.Length, 256 * 1024 + 1, int.MaxValue);
        foreach (var coding in new[] { "br", "gzip" })
        {
            var listing = await _server.GetAsync("/many/", $"Accept-Encoding: {coding}\r\n");
            Assert.Equal((coding, "chunked"), (listing["Content-Encoding"], listing["Transfer-Encoding"]));
            Assert.Equal(plain.Text, listing.DecodedText());
        }
    }
}
