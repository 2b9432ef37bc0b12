using System.Globalization;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

public sealed class RangeRequestTests : IAsyncDisposable
{
    private const string Content = "0123456789";

    private readonly TempDirectory _directory = new();
    private readonly RunningServer _server;

    public RangeRequestTests()
    {
        _directory.Write("a.txt", Content);
        _directory.Write("empty", "");
        _directory.Write("large.bin", string.Concat(Enumerable.Range(0, 100_000).Select(number => number.ToString("D5", CultureInfo.InvariantCulture))));
        _server = RunningServer.OfDirectory(_directory.Path, options: new() { TimeProvider = new StandingTimeProvider() });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("bytes=0-0", "0", "bytes 0-0/10")]
    [InlineData("bytes=2-4", "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", "789", "bytes 7-9/10")]
    [InlineData("bytes=-3", "789", "bytes 7-9/10")]
    [InlineData("bytes=0-", Content, "bytes 0-9/10")]
    [InlineData("bytes=5-99999", "56789", "bytes 5-9/10")]
    [InlineData("bytes=-99999", Content, "bytes 0-9/10")]
    [InlineData("bytes=5-99999999999999999999999", "56789", "bytes 5-9/10")]
    [InlineData("BYTES=2-4", "234", "bytes 2-4/10")]
    [InlineData("bytes=,2-4,", "234", "bytes 2-4/10")]
    [InlineData("bytes=2-4,100-", "234", "bytes 2-4/10")]
    public async Task A_range_is_sent_alone_and_its_end_is_clamped(string range, string expected, string contentRange)
    {
        for (var round = 0; round < 2; round++)
        {
            var response = await _server.GetAsync("/a.txt", $"Range: {range}\r\n");
            Assert.Equal("HTTP/1.1 206 Partial Content", response.StatusLine);
            Assert.Equal((expected, contentRange), (response.Text, response["Content-Range"]));
            Assert.Equal("text/plain; charset=utf-8", response["Content-Type"]);
            Assert.Equal("bytes", response["Accept-Ranges"]);
            Assert.NotNull(response["ETag"]);
            Assert.NotNull(response["Last-Modified"]);
        }
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=10-20")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=100-200,300-")]
    [InlineData("bytes=99999999999999999999999-")]
    public async Task A_range_past_the_end_is_refused_with_the_length_and_keeps_the_connection(string range)
    {
        using var client = await _server.ConnectAsync();
        await client.SendAsync($"GET /a.txt HTTP/1.1\r\nHost: test\r\nRange: {range}\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
        var response = await client.ReadResponseAsync();
        Assert.Equal((416, "bytes */10", "0"), (response.Status, response["Content-Range"], response["Content-Length"]));
        Assert.Equal(Content, (await client.ReadResponseAsync()).Text);
    }

    [Theory]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=4-2")]
    [InlineData("bytes=1-2-3")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=0x1-2")]
    [InlineData("bytes=1 - 2")]
    [InlineData("bytes = 1-2")]
    [InlineData("bytes=1-2;3-4")]
    [InlineData("bytes=1-2,x")]
    [InlineData("lines=1-2")]
    [InlineData("none")]
    [InlineData("")]
    [InlineData("bytes=0-,0-,0-,0-")]
    [InlineData("bytes=0-9,1-9,2-9,3-9,4-9")]
    [InlineData("bytes=9-9,8-8,7-7,6-6,5-5,4-4")]
    [InlineData("bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0")]
    public async Task A_malformed_or_absurd_range_is_ignored(string range)
    {
        var response = await _server.GetAsync("/a.txt", $"Range: {range}\r\n");
        Assert.Equal((200, Content, null), (response.Status, response.Text, response["Content-Range"]));
        Assert.Empty(_server.Log.Errors);
    }

    [Fact]
    public async Task A_thousand_ranges_are_ignored()
    {
        var range = "bytes=" + string.Join(',', Enumerable.Range(0, 1000).Select(number => $"{number * 3}-{number * 3}"));
        Assert.Equal(200, (await _server.GetAsync("/large.bin", $"Range: {range}\r\n")).Status);
    }

    [Fact]
    public async Task A_repeated_field_is_ignored() =>
        Assert.Equal(200, (await _server.GetAsync("/a.txt", "Range: bytes=0-0\r\nRange: bytes=1-1\r\n")).Status);

    [Fact]
    public async Task HEAD_ignores_ranges()
    {
        foreach (var range in new[] { "0-0", "100-", "0-0,2-2" })
        {
            var response = await _server.SendAsync($"HEAD /a.txt HTTP/1.1\r\nHost: test\r\nRange: bytes={range}\r\n\r\n");
            Assert.Equal((200, "10"), (response.Status, response["Content-Length"]));
        }
    }

    [Theory]
    [InlineData("bytes=0-0,2-3,-1", "0:0-0,23:2-3,9:9-9")]
    [InlineData("bytes=8-,0-1", "89:8-9,01:0-1")]
    [InlineData("bytes=0-0, 5-999 ,20-", "0:0-0,56789:5-9")]
    [InlineData("bytes=0-4,4-6", "01234:0-4,456:4-6")]
    public async Task Several_ranges_are_sent_as_parts_in_the_order_asked_for(string range, string expected)
    {
        for (var round = 0; round < 2; round++)
        {
            var response = await _server.GetAsync("/a.txt", $"Range: {range}\r\n");
            Assert.Equal(206, response.Status);
            Assert.Null(response["Content-Range"]);
            Assert.Equal(response.Body.Length.ToString(CultureInfo.InvariantCulture), response["Content-Length"]);
            var parts = PartsOf(response).Select(part =>
            {
                Assert.Equal("text/plain; charset=utf-8", part.Type);
                Assert.EndsWith("/10", part.Range, StringComparison.Ordinal);
                return $"{part.Body}:{part.Range["bytes ".Length..^"/10".Length]}";
            });
            Assert.Equal(expected, string.Join(',', parts));
        }
    }

    [Fact]
    public async Task Parts_of_a_file_that_is_not_in_memory_are_read_from_their_places()
    {
        var response = await _server.GetAsync("/large.bin", "Range: bytes=0-4,250000-250009,499990-\r\n");
        Assert.Equal(["00000", "5000050001", "9999899999"], PartsOf(response).Select(part => part.Body));
        var boundary = response["Content-Type"];
        Assert.NotEqual(boundary, (await _server.GetAsync("/large.bin", "Range: bytes=0-4,250000-250009\r\n"))["Content-Type"]);
    }

    [Theory]
    [InlineData("bytes=0-")]
    [InlineData("bytes=0-0")]
    [InlineData("bytes=0-499,500-")]
    [InlineData("bytes=5-9")]
    [InlineData("bytes=-1")]
    [InlineData("bytes=-0")]
    public async Task A_range_of_an_empty_file_is_all_of_it(string range)
    {
        var answer = await _server.GetAsync("/empty", $"Range: {range}\r\n");
        Assert.Equal((200, "0", null, 0), (answer.Status, answer["Content-Length"], answer["Content-Range"], answer.Body.Length));
    }

    [Fact]
    public async Task A_download_resumes_where_it_stopped()
    {
        var whole = (await _server.GetAsync("/large.bin")).Text;
        var etag = (await _server.SendAsync("HEAD /large.bin HTTP/1.1\r\nHost: test\r\n\r\n"))["ETag"];
        var rest = await _server.GetAsync("/large.bin", $"Range: bytes=123456-\r\nIf-Range: {etag}\r\n");
        Assert.Equal((206, whole[123456..]), (rest.Status, rest.Text));
    }

    private static List<(string Type, string Range, string Body)> PartsOf(RawResponse response)
    {
        const string Prefix = "multipart/byteranges; boundary=";
        Assert.StartsWith(Prefix, response["Content-Type"], StringComparison.Ordinal);
        var delimiter = "\r\n--" + response["Content-Type"]![Prefix.Length..];
        var pieces = ("\r\n" + response.Text).Split(delimiter);
        Assert.Equal(("", "--\r\n"), (pieces[0], pieces[^1]));
        return [.. pieces[1..^1].Select(piece =>
        {
            var (head, body) = (piece[..piece.IndexOf("\r\n\r\n", StringComparison.Ordinal)], piece[(piece.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
            var lines = head.Split("\r\n");
            Assert.Equal(("", 3), (lines[0], lines.Length));
            return (lines[1]["Content-Type: ".Length..], lines[2]["Content-Range: ".Length..], body);
        })];
    }
}
