using Http.Server.Tests.Support;

namespace Http.Server.Tests.Compression;

/// <summary>Files beside a file that hold it compressed.</summary>
public sealed class PrecompressedRequestTests : IAsyncDisposable
{
    private const string All = "gzip, deflate, br, zstd";
    private static readonly DateTime Old = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly TempDirectory _directory = new();
    private readonly RunningServer _server;

    public PrecompressedRequestTests()
    {
        Write("a.js", "plain of a");
        Write("a.js.gz", "gzip of a");
        Write("a.js.zst", "zstd of a");
        Write("a.js.br", "brotli of a");
        Write("only.bin", "plain of only");
        Write("only.bin.gz", "gzip of only");
        Write("site/index.html", "plain of index");
        Write("site/index.html.br", "brotli of index");
        Write("alone.js.gz", "gzip of nothing");
        _server = Serve();
    }

    public static TheoryData<bool> InMemory => new() { true, false };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(All, "br", "brotli of a")]
    [InlineData("zstd, gzip", "zstd", "zstd of a")]
    [InlineData("gzip", "gzip", "gzip of a")]
    [InlineData("gzip, br;q=0.5", "gzip", "gzip of a")]
    [InlineData("zstd;q=0.9, br;q=0.8, gzip;q=0.1", "zstd", "zstd of a")]
    [InlineData("*", "br", "brotli of a")]
    [InlineData("*;q=0.1, br;q=0", "zstd", "zstd of a")]
    [InlineData("identity, br;q=0.5", null, "plain of a")]
    [InlineData("deflate", null, "plain of a")]
    [InlineData("br;q=0", null, "plain of a")]
    [InlineData(null, null, "plain of a")]
    [InlineData("gzip, identity;q=0", "gzip", "gzip of a")]
    public async Task The_best_one_is_sent_in_the_files_place(string? accept, string? coding, string content)
    {
        await using var reading = RunningServer.OfDirectory(Root);
        foreach (var server in new[] { _server, reading })
        {
            for (var round = 0; round < 2; round++)
            {
                var answer = await server.GetAsync("/a.js", accept is null ? "" : $"Accept-Encoding: {accept}\r\n");
                Assert.Equal((200, coding, content), (answer.Status, answer["Content-Encoding"], answer.Text));
                Assert.Equal(("text/javascript; charset=utf-8", "Accept-Encoding", "bytes"), (answer["Content-Type"], answer["Vary"], answer["Accept-Ranges"]));
            }
        }
    }

    [Fact]
    public async Task Any_type_may_have_one_and_caches_are_told_of_it()
    {
        Assert.Equal(("gzip", "application/octet-stream"), (await GetAsync("/only.bin", "gzip")) is var answer ? (answer["Content-Encoding"], answer["Content-Type"]) : default);
        foreach (var accept in new[] { "identity", "br", "zstd, br" })
            Assert.Equal((null, "Accept-Encoding"), (await GetAsync("/only.bin", accept)) is var other ? (other["Content-Encoding"], other["Vary"]) : default);
        Assert.Equal("Accept-Encoding", (await _server.GetAsync("/only.bin"))["Vary"]);
    }

    [Theory]
    [InlineData("/a.js.gz", "application/gzip", "gzip of a")]
    [InlineData("/alone.js.gz", "application/gzip", "gzip of nothing")]
    [InlineData("/a.js.br", "application/x-brotli", "brotli of a")]
    public async Task A_compressed_file_itself_is_a_plain_file(string target, string type, string content)
    {
        var answer = await GetAsync(target, All);
        Assert.Equal((200, null, null, type, content), (answer.Status, answer["Content-Encoding"], answer["Vary"], answer["Content-Type"], answer.Text));
    }

    [Fact]
    public async Task It_stands_for_no_file_that_is_not_there() => Assert.Equal(404, (await GetAsync("/alone.js", All)).Status);

    [Fact]
    public async Task An_index_page_has_them_too() =>
        Assert.Equal(("br", "brotli of index", "text/html; charset=utf-8"), (await GetAsync("/site/", All)) is var answer ? (answer["Content-Encoding"], answer.Text, answer["Content-Type"]) : default);

    [Theory]
    [MemberData(nameof(InMemory))]
    public async Task One_that_is_older_than_the_file_is_not_used(bool inMemory)
    {
        Write("b.js", "new", Old.AddSeconds(10.5));
        Write("b.js.br", "stale brotli", Old.AddSeconds(10.4));
        Write("b.js.gz", "gzip in whole seconds", Old.AddSeconds(10));
        await using var server = inMemory ? Serve() : RunningServer.OfDirectory(Root);
        Assert.Equal(("gzip", "gzip in whole seconds"), (await server.GetAsync("/b.js", $"Accept-Encoding: {All}\r\n")) is var answer ? (answer["Content-Encoding"], answer.Text) : default);
        Assert.Null((await server.GetAsync("/b.js", "Accept-Encoding: br\r\n"))["Content-Encoding"]);
    }

    [Fact]
    public async Task A_change_is_seen_by_the_next_request()
    {
        foreach (var content in new[] { "one", "another", "third" })
        {
            Write("a.js.br", content);
            Assert.Equal(content, (await GetAsync("/a.js", "br")).Text);
            Assert.Equal(content, (await GetAsync("/a.js", "br")).Text);
        }

        File.Delete(Full("a.js.br"));
        Assert.Equal(("zstd", "zstd of a"), (await GetAsync("/a.js", All)) is var answer ? (answer["Content-Encoding"], answer.Text) : default);
        // The file itself has changed: all that stood beside it is old.
        Write("a.js", "changed", DateTime.UtcNow);
        Assert.Equal((null, "changed"), (await GetAsync("/a.js", All)) is var plain ? (plain["Content-Encoding"], plain.Text) : default);
        Assert.Equal((null, "changed"), (await GetAsync("/a.js", All)) is var again ? (again["Content-Encoding"], again.Text) : default);
    }

    [Theory]
    [MemberData(nameof(InMemory))]
    public async Task Validators_conditions_and_ranges_are_its_own(bool inMemory)
    {
        await using var server = inMemory ? Serve() : RunningServer.OfDirectory(Root);
        await server.StrongTagAsync("/a.js");
        await server.StrongTagAsync("/a.js", "Accept-Encoding: gzip\r\n");
        var (plain, gzip) = (await server.GetAsync("/a.js"), await server.GetAsync("/a.js", "Accept-Encoding: gzip\r\n"));
        Assert.NotEqual(plain["ETag"], gzip["ETag"]);
        Assert.Matches("^\"[0-9a-f-]+-gzip\"$", gzip["ETag"]);
        var unchanged = await server.GetAsync("/a.js", $"Accept-Encoding: gzip\r\nIf-None-Match: {gzip["ETag"]}\r\n");
        Assert.Equal((304, gzip["ETag"], "Accept-Encoding"), (unchanged.Status, unchanged["ETag"], unchanged["Vary"]));
        Assert.Equal(200, (await server.GetAsync("/a.js", $"Accept-Encoding: gzip\r\nIf-None-Match: {plain["ETag"]}\r\n")).Status);
        Assert.Equal(412, (await server.GetAsync("/a.js", $"Accept-Encoding: gzip\r\nIf-Match: {plain["ETag"]}\r\n")).Status);
        var part = await server.GetAsync("/a.js", $"Accept-Encoding: gzip\r\nRange: bytes=2-5\r\nIf-Range: {gzip["ETag"]}\r\n");
        Assert.Equal((206, "ip o", "bytes 2-5/9", "gzip", "Accept-Encoding"), (part.Status, part.Text, part["Content-Range"], part["Content-Encoding"], part["Vary"]));
        var beyond = await server.GetAsync("/a.js", "Accept-Encoding: gzip\r\nRange: bytes=9-\r\n");
        Assert.Equal((416, "bytes */9", "Accept-Encoding"), (beyond.Status, beyond["Content-Range"], beyond["Vary"]));
        var head = await server.SendAsync("HEAD /a.js HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
        Assert.Equal((200, "9", "gzip", gzip["ETag"]), (head.Status, head["Content-Length"], head["Content-Encoding"], head["ETag"]));
    }

    [Fact]
    public async Task A_large_one_is_streamed_from_the_disk_with_its_length()
    {
        Write("big.txt", new string('x', 600_000));
        Write("big.txt.gz", new string('g', 400_000));
        var answer = await GetAsync("/big.txt", All);
        // It goes before what would have to be compressed.
        Assert.Equal(("gzip", "400000", new string('g', 400_000)), (answer["Content-Encoding"], answer["Content-Length"], answer.Text));
        // But not before what the client likes better.
        Assert.Equal("br", (await GetAsync("/big.txt", "br, gzip;q=0.5"))["Content-Encoding"]);
    }

    [Fact]
    public async Task Off_means_that_nobody_looks_for_them()
    {
        await using var server = Serve(handler => handler.Compression = CompressionPolicy.Off);
        Assert.Equal((null, null, "plain of a"), (await server.GetAsync("/a.js", $"Accept-Encoding: {All}\r\n")) is var answer ? (answer["Content-Encoding"], answer["Vary"], answer.Text) : default);
    }

    [Fact]
    public async Task Precompressed_means_these_alone()
    {
        await using var server = Serve(handler => handler.Compression = CompressionPolicy.Precompressed);
        Assert.Equal("br", (await server.GetAsync("/a.js", $"Accept-Encoding: {All}\r\n"))["Content-Encoding"]);
        Assert.Equal(406, (await server.GetAsync("/site/index.html", "Accept-Encoding: gzip, identity;q=0\r\n")).Status);
    }

    [Theory]
    [InlineData(SymlinkPolicy.Inside, "inside", "br")]
    [InlineData(SymlinkPolicy.Inside, "outside", null)]
    [InlineData(SymlinkPolicy.Follow, "outside", "br")]
    [InlineData(SymlinkPolicy.Refuse, "inside", null)]
    public async Task Links_are_judged_as_ever(SymlinkPolicy policy, string to, string? coding)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        _directory.Write("elsewhere.br", "secret");
        Write("c.js", "plain of c");
        File.CreateSymbolicLink(Full("c.js.br"), to == "inside" ? "a.js.br" : "../elsewhere.br");
        foreach (var options in new[] { new HttpServerOptions(), new() { TimeProvider = new StandingTimeProvider() } })
        {
            await using var server = RunningServer.OfDirectory(Root, handler => handler.Symlinks = policy, options);
            for (var round = 0; round < 2; round++)
                Assert.Equal(coding, (await server.GetAsync("/c.js", "Accept-Encoding: br\r\n"))["Content-Encoding"]);
        }
    }

    [Fact]
    public async Task Directories_pipes_and_devices_are_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The test makes a pipe with mkfifo.");
        Write("d.js", "plain of d");
        Directory.CreateDirectory(Full("d.js.br"));
        var (exitCode, _, errors) = await Tool.RunAsync("mkfifo", Full("d.js.zst"));
        Assert.True(exitCode == 0, errors);
        File.CreateSymbolicLink(Full("d.js.gz"), "/dev/zero");
        var answer = await GetAsync("/d.js", All);
        Assert.Equal((200, null, "plain of d"), (answer.Status, answer["Content-Encoding"], answer.Text));
    }

    [Fact]
    public async Task Files_that_a_class_maps_elsewhere_have_them_there()
    {
        await using var server = new RunningServer(() => new Mapping(Root) { Directory = _directory.MakeDirectory("empty") });
        Assert.Equal("brotli of a", (await server.GetAsync("/x", $"Accept-Encoding: {All}\r\n")).Text);
    }

    private string Root => Path.Combine(_directory.Path, "root");

    private string Full(string name) => Path.Combine(Root, name);

    private void Write(string name, string content, DateTime? time = null) =>
        File.SetLastWriteTimeUtc(_directory.Write("root/" + name, content), time ?? Old);

    private RunningServer Serve(Action<SimpleHttpRequestHandler>? configure = null) =>
        RunningServer.OfDirectory(Root, configure, new() { TimeProvider = new StandingTimeProvider() });

    private Task<RawResponse> GetAsync(string target, string accept) => _server.GetAsync(target, $"Accept-Encoding: {accept}\r\n");

    private sealed class Mapping(string root) : SimpleHttpRequestHandler
    {
        protected override string? TranslatePath(string path) => System.IO.Path.Combine(root, "a.js");
    }
}
