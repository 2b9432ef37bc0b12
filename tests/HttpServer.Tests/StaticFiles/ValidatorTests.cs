using System.IO.Compression;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>Pairs of files of the same size and the same date, of which the second takes the place of the first.</summary>
public sealed class ValidatorTests : IAsyncDisposable
{
    private static readonly DateTime Date = DateTime.UnixEpoch.AddSeconds(1);

    private readonly UploadSite _site = new();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    /// <summary>How the second one comes, whether the site has a large file, how it is compressed, and whether its compressed form lies beside it.</summary>
    public static TheoryData<string, int, string, bool> Pairs()
    {
        var pairs = new TheoryData<string, int, string, bool>();
        foreach (var way in new[] { "renamed over", "rewritten in place", "deleted and written" })
        {
            foreach (var length in new[] { 5, 5000, 300 * 1024 })
            {
                foreach (var coding in new[] { "identity", "gzip", "br" })
                    pairs.Add(way, length, coding, false);
                pairs.Add(way, length, "gzip", true);
            }
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_tag_of_one_file_never_stands_for_another_of_its_size_and_date(string way, int length, string coding, bool isNeighbour)
    {
        var server = _site.Serve(handler => handler.AllowOverwrite = true, new() { TimeProvider = new StandingTimeProvider() });
        var accepts = $"Accept-Encoding: {coding}\r\n";
        Put(way, "a", length, isNeighbour);
        // The second answer comes from memory wherever content is kept.
        await server.GetAsync("/a.txt", accepts);
        var first = await server.GetAsync("/a.txt", accepts);
        var tag = first["ETag"];
        Assert.Equal(304, (await server.GetAsync("/a.txt", accepts + $"If-None-Match: {tag}\r\n")).Status);

        Put(way, "b", length, isNeighbour);
        var second = await server.GetAsync("/a.txt", accepts + $"If-None-Match: {tag}\r\n");
        Assert.Equal((200, first["Last-Modified"], first["Content-Length"] is null), (second.Status, second["Last-Modified"], second["Content-Length"] is null));
        Assert.NotEqual(tag, second["ETag"]);
        Assert.Equal((byte)'b', Decode(second)[0]);
        Assert.Equal(200, (await server.GetAsync("/a.txt", accepts + $"Range: bytes=1-2\r\nIf-Range: {tag}\r\n")).Status);
        Assert.Equal(412, (await server.GetAsync("/a.txt", accepts + $"If-Match: {tag}\r\n")).Status);
        Assert.Equal(412, (await server.SendAsync(UploadSite.Put("/a.txt", "lost", $"If-Match: {tag}\r\n"))).Status);
        Assert.StartsWith("b", _site.Read("a.txt"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("renamed over")]
    [InlineData("rewritten in place")]
    public async Task A_date_that_two_files_have_joins_no_parts_and_overwrites_nothing(string way)
    {
        var server = _site.Serve(handler => handler.AllowOverwrite = true, new() { TimeProvider = new StandingTimeProvider() });
        Put(way, "a", 10, isNeighbour: false);
        var date = (await server.GetAsync("/a.txt"))["Last-Modified"];
        Put(way, "b", 10, isNeighbour: false);
        var answer = await server.GetAsync("/a.txt", $"Range: bytes=5-\r\nIf-Range: {date}\r\n");
        Assert.Equal((200, "bbbbbbbbbb"), (answer.Status, answer.Text));
        Assert.Equal(200, (await server.GetAsync("/a.txt", $"Range: bytes=5-\r\nIf-Unmodified-Since: {date}\r\n")).Status);
        Assert.Equal(206, (await server.GetAsync("/a.txt", "Range: bytes=5-\r\n")).Status);
        Assert.Equal(412, (await server.SendAsync(UploadSite.Put("/a.txt", "lost", $"If-Unmodified-Since: {date}\r\n"))).Status);
        Assert.Equal("bbbbbbbbbb", _site.Read("a.txt"));
        // A client that knows no tags is told by the date alone, as by every server.
        Assert.Equal(304, (await server.GetAsync("/a.txt", $"If-Modified-Since: {date}\r\n")).Status);
    }

    [Fact]
    public async Task The_date_of_a_file_that_was_written_then_is_a_validator_of_parts()
    {
        _site.Write("a.txt", "0123456789");
        var server = _site.Serve(options: new() { TimeProvider = new StandingTimeProvider() });
        var date = (await server.GetAsync("/a.txt"))["Last-Modified"];
        Assert.Equal("56789", (await server.GetAsync("/a.txt", $"Range: bytes=5-\r\nIf-Range: {date}\r\n")).Text);
        Assert.Equal("56789", (await server.GetAsync("/a.txt", $"Range: bytes=5-\r\nIf-Unmodified-Since: {date}\r\n")).Text);
    }

    [Theory]
    [InlineData("identity", 5)]
    [InlineData("gzip", 5000)]
    [InlineData("gzip", 300 * 1024)]
    public async Task The_tag_of_a_file_that_has_just_been_changed_is_weak_and_stands_for_no_version(string coding, int length)
    {
        // The clock of this server says of every file that it is being written.
        var server = _site.Serve(options: new() { TimeProvider = new StandingTimeProvider(TimeSpan.FromDays(-1)) });
        var accepts = $"Accept-Encoding: {coding}\r\n";
        Put("rewritten in place", "a", length, isNeighbour: false);
        var first = await server.GetAsync("/a.txt", accepts);
        Assert.Matches("^W/\"[0-9a-z-]+\"$", first["ETag"]);
        var second = await server.GetAsync("/a.txt", accepts + $"If-None-Match: {first["ETag"]}\r\n");
        Assert.Equal(200, second.Status);
        Assert.Equal(412, (await server.GetAsync("/a.txt", accepts + $"If-Match: {second["ETag"]}\r\n")).Status);
        Assert.Equal(200, (await server.GetAsync("/a.txt", accepts + $"Range: bytes=1-2\r\nIf-Range: {second["ETag"]}\r\n")).Status);
    }

    [Fact]
    public async Task The_tag_becomes_strong_and_stays_the_same_for_every_server()
    {
        _site.Write("a.txt", "content");
        var tag = await _site.Serve().StrongTagAsync("/a.txt");
        Assert.Matches("^\"7-[0-9a-f]+-[0-9a-f]+\"$", tag);
        Assert.Equal(tag, (await _site.Serve().GetAsync("/a.txt"))["ETag"]);
        Assert.Equal(304, (await _site.Serve().GetAsync("/a.txt", $"If-None-Match: W/{tag}\r\n")).Status);
    }

    [Fact]
    public async Task The_tag_of_an_upload_is_strong_at_once_and_that_of_what_is_served()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere the answer to an upload has no tag.");
        var server = _site.Serve(handler => handler.AllowOverwrite = true);
        string? tag = null;
        foreach (var content in new[] { "one", "two", "six" })
        {
            var condition = tag is null ? "If-None-Match: *\r\n" : $"If-Match: {tag}\r\n";
            var put = await server.SendAsync(UploadSite.Put("/a.txt", content, condition));
            Assert.Equal(tag is null ? 201 : 204, put.Status);
            Assert.NotEqual(tag, put["ETag"]);
            tag = put["ETag"];
            Assert.Equal(tag, (await server.GetAsync("/a.txt"))["ETag"]);
        }
    }

    [Fact]
    public async Task A_listing_shows_what_has_taken_the_place_of_a_file()
    {
        var server = _site.Serve(options: new() { TimeProvider = new StandingTimeProvider() });
        Put("renamed over", "a", 5, isNeighbour: false);
        Assert.Contains("5", (await server.GetAsync("/?format=json")).Text, StringComparison.Ordinal);
        await server.GetAsync("/?format=json");
        Put("renamed over", "b", 77, isNeighbour: false);
        Assert.Contains("77", (await server.GetAsync("/?format=json")).Text, StringComparison.Ordinal);
    }

    private void Put(string way, string letter, int length, bool isNeighbour)
    {
        var text = letter + new string(letter[0], length - 1);
        Replace(way, "a.txt", path => File.WriteAllText(path, text));
        if (!isNeighbour)
            return;
        Replace(way, "a.txt.gz", path =>
        {
            using var file = File.Create(path);
            using var gzip = new GZipStream(file, CompressionLevel.NoCompression);
            gzip.Write(System.Text.Encoding.ASCII.GetBytes(text));
        });
    }

    private void Replace(string way, string name, Action<string> write)
    {
        var path = _site.PathOf(name);
        var written = way == "renamed over" ? _site.PathOf("new") : path;
        if (way == "deleted and written")
            File.Delete(path);
        write(written);
        File.SetLastWriteTimeUtc(written, Date);
        if (written != path)
            File.Move(written, path, overwrite: true);
        _site.WaitForNextStep();
    }

    private static byte[] Decode(RawResponse response)
    {
        using var body = new MemoryStream(response.Body);
        using Stream decoded = response["Content-Encoding"] switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            _ => body,
        };
        var bytes = new byte[1];
        decoded.ReadExactly(bytes);
        return bytes;
    }
}
