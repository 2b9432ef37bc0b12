using Http.Server.Tests.Support;

namespace Http.Server.Tests.Compression;

/// <summary>What the server compresses by itself, held in memory.</summary>
public sealed class CompressedRequestTests : IAsyncDisposable
{
    private static readonly string Text = string.Concat(Enumerable.Range(0, 1000).Select(number => $"line {number}\n"));
    private readonly TempDirectory _directory = new();
    private readonly RunningServer _server;

    public CompressedRequestTests()
    {
        _directory.Write("a.txt", Text, TimeSpan.FromDays(1));
        _directory.Write("exact.txt", Text[..1024]);
        _directory.Write("over.txt", Text[..1025]);
        _directory.Write("image.png", Text);
        _directory.Write("unknown", Text);
        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(Path.Combine(_directory.Path, "noise.txt"), noise);
        _directory.Write("site/index.html", "<p>" + Text);
        for (var number = 0; number < 50; number++)
            _directory.Write($"many/{number}.txt", "");
        _server = RunningServer.OfDirectory(_directory.Path, options: new() { TimeProvider = new StandingTimeProvider() });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip, br;q=0.9", "gzip")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("*", "br")]
    [InlineData("*;q=0.5, br;q=0", "gzip")]
    [InlineData("zstd", null)]
    [InlineData("deflate", null)]
    [InlineData("identity", null)]
    [InlineData("identity, gzip;q=0.5", null)]
    [InlineData("gzip;q=0", null)]
    [InlineData("gzip;q=oops", null)]
    [InlineData("", null)]
    [InlineData("gzip, identity;q=0", "gzip")]
    public async Task The_client_gets_the_coding_that_it_likes_best(string accept, string? coding)
    {
        // The second and third answers come from memory.
        for (var round = 0; round < 3; round++)
        {
            var answer = await GetAsync("/a.txt", accept);
            Assert.Equal((200, coding, Text), (answer.Status, answer["Content-Encoding"], answer.DecodedText()));
            Assert.Equal("Accept-Encoding", answer["Vary"]);
            Assert.Equal("text/plain; charset=utf-8", answer["Content-Type"]);
            Assert.Equal("bytes", answer["Accept-Ranges"]);
            Assert.Equal("no-cache", answer["Cache-Control"]);
            if (coding is not null)
                Assert.InRange(answer.Body.Length, 1, Text.Length / 2);
        }
    }

    [Fact]
    public async Task Without_the_header_the_file_is_sent_as_it_is_and_caches_are_told()
    {
        var answer = await _server.GetAsync("/a.txt");
        Assert.Equal((null, "Accept-Encoding", Text), (answer["Content-Encoding"], answer["Vary"], answer.Text));
    }

    [Fact]
    public async Task Several_fields_count_as_one() =>
        Assert.Equal("gzip", (await _server.GetAsync("/a.txt", "Accept-Encoding: br;q=0.1\r\nAccept-Encoding: gzip\r\n"))["Content-Encoding"]);

    [Theory]
    [InlineData("/exact.txt")]
    [InlineData("/image.png")]
    [InlineData("/unknown")]
    public async Task What_is_short_or_does_not_shrink_by_its_type_is_left_alone(string target)
    {
        var answer = await GetAsync(target, "gzip, br");
        Assert.Equal((200, null, null), (answer.Status, answer["Content-Encoding"], answer["Vary"]));
    }

    [Fact]
    public async Task More_than_1_KiB_is_compressed() => Assert.Equal("br", (await GetAsync("/over.txt", "br"))["Content-Encoding"]);

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_result_that_is_not_smaller_is_not_used(string accept)
    {
        for (var round = 0; round < 2; round++)
        {
            var answer = await GetAsync("/noise.txt", accept);
            Assert.Equal((null, "Accept-Encoding", 5000), (answer["Content-Encoding"], answer["Vary"], answer.Body.Length));
        }

        // Unless the client takes nothing else.
        var forced = await GetAsync("/noise.txt", accept + ", identity;q=0");
        Assert.Equal((accept, 5000), (forced["Content-Encoding"], forced.Decoded().Length));
    }

    [Theory]
    [InlineData("/image.png", "gzip, identity;q=0", "gzip")]
    [InlineData("/exact.txt", "br, *;q=0", "br")]
    public async Task A_client_that_refuses_content_as_it_is_gets_everything_compressed(string target, string accept, string coding)
    {
        var answer = await GetAsync(target, accept);
        Assert.Equal((200, coding, "Accept-Encoding"), (answer.Status, answer["Content-Encoding"], answer["Vary"]));
        Assert.Equal(File.ReadAllBytes(Path.Combine(_directory.Path, target[1..])), answer.Decoded());
    }

    [Theory]
    [InlineData("/a.txt", "*;q=0")]
    [InlineData("/a.txt", "zstd, identity;q=0")]
    [InlineData("/image.png", "identity;q=0")]
    [InlineData("/many/?format=html", "identity;q=0")]
    public async Task A_client_that_takes_nothing_is_told_so(string target, string accept)
    {
        var answer = await GetAsync(target, accept);
        Assert.Equal((406, "Accept-Encoding, Accept"), (answer.Status, answer["Vary"]));
    }

    [Fact]
    public async Task Each_representation_has_a_strong_validator_of_its_own()
    {
        var tags = new[] { await GetAsync("/a.txt", "identity"), await GetAsync("/a.txt", "br"), await GetAsync("/a.txt", "gzip") }.Select(answer => answer["ETag"]!).ToList();
        Assert.Equal(3, tags.Distinct().Count());
        Assert.All(tags, tag => Assert.Matches("^\"[0-9a-z-]+\"$", tag));
        Assert.Equal(tags[2], (await GetAsync("/a.txt", "gzip"))["ETag"]);
    }

    [Fact]
    public async Task Conditions_are_about_the_representation_that_would_be_sent()
    {
        var plain = (await GetAsync("/a.txt", "identity"))["ETag"];
        var gzip = (await GetAsync("/a.txt", "gzip"))["ETag"];
        var unchanged = await GetAsync("/a.txt", "gzip", $"If-None-Match: {gzip}\r\n");
        Assert.Equal((304, gzip, "Accept-Encoding", null), (unchanged.Status, unchanged["ETag"], unchanged["Vary"], unchanged["Content-Encoding"]));
        Assert.Equal(304, (await GetAsync("/a.txt", "gzip", $"If-None-Match: W/{gzip}\r\n")).Status);
        Assert.Equal(304, (await GetAsync("/a.txt", "identity", $"If-None-Match: {plain}\r\n")).Status);
        // A cache that has both says so; what it has of another representation is no use.
        var both = await GetAsync("/a.txt", "gzip", $"If-None-Match: {plain}, {gzip}\r\n");
        Assert.Equal((304, gzip), (both.Status, both["ETag"]));
        Assert.Equal((200, "gzip"), (await GetAsync("/a.txt", "gzip", $"If-None-Match: {plain}\r\n")) is var other ? (other.Status, other["Content-Encoding"]) : default);
        Assert.Equal(200, (await GetAsync("/a.txt", "identity", $"If-None-Match: {gzip}\r\n")).Status);
        Assert.Equal(200, (await GetAsync("/a.txt", "gzip", $"If-Match: {gzip}\r\n")).Status);
        var failed = await GetAsync("/a.txt", "gzip", $"If-Match: {plain}\r\n");
        Assert.Equal((412, "Accept-Encoding, Accept"), (failed.Status, failed["Vary"]));
        Assert.Equal(304, (await GetAsync("/a.txt", "gzip", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n")).Status);
    }

    [Fact]
    public async Task A_head_is_that_of_the_same_get()
    {
        foreach (var accept in new[] { "gzip", "br", "identity" })
        {
            var get = await GetAsync("/a.txt", accept);
            var head = await _server.SendAsync($"HEAD /a.txt HTTP/1.1\r\nHost: test\r\nAccept-Encoding: {accept}\r\n\r\n");
            Assert.Equal(get.Headers.Where(header => header.Key != "Date"), head.Headers.Where(header => header.Key != "Date"));
        }
    }

    [Fact]
    public async Task Ranges_are_of_the_compressed_bytes()
    {
        var whole = await GetAsync("/a.txt", "gzip");
        var part = await GetAsync("/a.txt", "gzip", "Range: bytes=10-19\r\n");
        Assert.Equal((206, $"bytes 10-19/{whole.Body.Length}", "gzip"), (part.Status, part["Content-Range"], part["Content-Encoding"]));
        Assert.Equal((whole["ETag"], "Accept-Encoding", "10"), (part["ETag"], part["Vary"], part["Content-Length"]));
        Assert.Equal(whole.Body[10..20], part.Body);
        var beyond = await GetAsync("/a.txt", "gzip", $"Range: bytes={whole.Body.Length}-\r\n");
        Assert.Equal((416, $"bytes */{whole.Body.Length}", "Accept-Encoding", null), (beyond.Status, beyond["Content-Range"], beyond["Vary"], beyond["Content-Encoding"]));
        // Parts of compressed bytes in an uncompressed multipart body are what no client expects.
        Assert.Equal(200, (await GetAsync("/a.txt", "gzip", "Range: bytes=0-1,4-5\r\n")).Status);
    }

    [Fact]
    public async Task If_Range_takes_the_validator_of_the_same_representation_alone()
    {
        var (plain, gzip) = (await GetAsync("/a.txt", "identity"), await GetAsync("/a.txt", "gzip"));
        Assert.Equal(206, (await GetAsync("/a.txt", "gzip", $"Range: bytes=0-1\r\nIf-Range: {gzip["ETag"]}\r\n")).Status);
        Assert.Equal(200, (await GetAsync("/a.txt", "gzip", $"Range: bytes=0-1\r\nIf-Range: {plain["ETag"]}\r\n")).Status);
        Assert.Equal(200, (await GetAsync("/a.txt", "identity", $"Range: bytes=0-1\r\nIf-Range: {gzip["ETag"]}\r\n")).Status);
        // All representations share the date.
        Assert.Equal(200, (await GetAsync("/a.txt", "gzip", $"Range: bytes=0-1\r\nIf-Range: {gzip["Last-Modified"]}\r\n")).Status);
        _directory.Write("written.txt", Text);
        var written = (await GetAsync("/written.txt", "identity"))["Last-Modified"];
        Assert.Equal(200, (await GetAsync("/written.txt", "gzip", $"Range: bytes=0-1\r\nIf-Range: {written}\r\n")).Status);
        Assert.Equal(206, (await GetAsync("/written.txt", "identity", $"Range: bytes=0-1\r\nIf-Range: {written}\r\n")).Status);
    }

    [Fact]
    public async Task Index_pages_and_listings_are_compressed_too()
    {
        Assert.Equal(("br", "<p>" + Text), (await GetAsync("/site/", "br")) is var page ? (page["Content-Encoding"], page.DecodedText()) : default);
        for (var round = 0; round < 2; round++)
        {
            var listing = await GetAsync("/many/", "gzip");
            Assert.Equal(("gzip", "Accept, Accept-Encoding"), (listing["Content-Encoding"], listing["Vary"]));
            Assert.Equal(50, Listing.NamesOf(listing.DecodedText()).Count);
        }

        Assert.Equal((null, "Accept, Accept-Encoding"), (await _server.GetAsync("/many/")) is var plain ? (plain["Content-Encoding"], plain["Vary"]) : default);
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_what_lies_in_memory()
    {
        var answer = await _server.SendAsync("GET /a.txt HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n");
        Assert.Equal(("gzip", Text), (answer["Content-Encoding"], answer.DecodedText()));
    }

    [Fact]
    public async Task Many_at_once_get_the_same_bytes()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync("/site/", "br")));
        Assert.All(answers, answer => Assert.Equal(answers[0].Body, answer.Body));
    }

    [Theory]
    [InlineData(CompressionPolicy.Off)]
    [InlineData(CompressionPolicy.Precompressed)]
    public async Task The_server_compresses_nothing_unless_it_is_on(CompressionPolicy policy)
    {
        await using var server = Serve(handler => handler.Compression = policy);
        foreach (var target in new[] { "/a.txt", "/many/?format=html" })
        {
            var answer = await server.GetAsync(target, "Accept-Encoding: gzip\r\n");
            Assert.Equal((200, null, null), (answer.Status, answer["Content-Encoding"], answer["Vary"]));
        }

        Assert.Equal(policy == CompressionPolicy.Off ? 200 : 406, (await server.GetAsync("/a.txt", "Accept-Encoding: gzip, identity;q=0\r\n")).Status);
    }

    [Theory]
    [InlineData("Accept: application/json\r\n", "application/json")]
    [InlineData("Accept: text/plain\r\n", "text/plain; charset=utf-8")]
    [InlineData("", "text/html; charset=utf-8")]
    public async Task Each_form_of_a_listing_is_compressed_for_itself(string accept, string type)
    {
        var plain = await _server.GetAsync("/many/", accept);
        var gzip = await GetAsync("/many/", "gzip", accept);
        Assert.Equal((type, type), (plain["Content-Type"], gzip["Content-Type"]));
        Assert.Equal(plain.Text, gzip.DecodedText());
    }

    [Theory]
    [InlineData("https://other.example", "Origin, Accept-Encoding")]
    [InlineData("*", "Accept-Encoding")]
    public async Task Vary_names_all_that_the_answer_depends_on(string origin, string vary)
    {
        await using var server = Serve(handler => handler.CorsOrigins = [origin]);
        var answer = await server.GetAsync("/a.txt", $"Accept-Encoding: gzip\r\nOrigin: https://other.example\r\n");
        Assert.Equal(vary.Split(", ").Order(), answer["Vary"]!.Split(", ").Order());
        Assert.Equal(304, (await server.GetAsync("/a.txt", $"Accept-Encoding: gzip\r\nIf-None-Match: *\r\n")) is var unchanged ? unchanged.Status : 0);
        Assert.Equal(vary.Split(", ").Order(), unchanged["Vary"]!.Split(", ").Order());
    }

    [Fact]
    public async Task What_an_answer_varies_by_is_not_said_of_the_next_one()
    {
        using var client = await _server.ConnectAsync();
        foreach (var (target, vary) in new[] { ("/a.txt", "Accept-Encoding"), ("/image.png", null), ("/a.txt", "Accept-Encoding"), ("/nothing", "Accept"), ("/image.png", null) })
        {
            await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
            Assert.Equal(vary, (await client.ReadResponseAsync())["Vary"]);
        }
    }

    [Fact]
    public async Task A_Vary_of_the_users_own_stands_beside()
    {
        await using var server = Serve(handler => handler.ExtraHeaders = [new("Vary", "Cookie")]);
        var answer = await server.GetAsync("/a.txt", "Accept-Encoding: gzip\r\n");
        Assert.Equal(["Accept-Encoding", "Cookie"], answer.Headers.Where(header => header.Key == "Vary").Select(header => header.Value).Order());
        Assert.Equal("gzip", answer["Content-Encoding"]);
    }

    [Theory]
    [InlineData("Content-Encoding", "x-own")]
    [InlineData("etag", "\"mine\"")]
    public async Task A_coding_or_validator_of_the_users_own_goes_out_as_it_is_and_the_file_too(string name, string value)
    {
        await using var server = Serve(handler => handler.ExtraHeaders = [new(name, value)]);
        var answer = await server.GetAsync("/a.txt", "Accept-Encoding: gzip\r\n");
        Assert.Equal((value, Text), (answer[name], answer.Text));
        Assert.Equal(name == "etag" ? null : value, answer["Content-Encoding"]);
    }

    [Fact]
    public async Task Fallback_pages_clean_urls_and_404_pages_are_compressed()
    {
        _directory.Write("404.html", "missing " + Text);
        _directory.Write("about.html", "about " + Text);
        await using var server = Serve(handler => (handler.FallbackPage, handler.CleanUrls) = ("site/index.html", true));
        foreach (var (target, status, start) in new[] { ("/x/y", 200, "<p>"), ("/about", 200, "about"), ("/x.js", 404, "missing") })
        {
            for (var round = 0; round < 2; round++)
            {
                var answer = await server.GetAsync(target, "Accept-Encoding: gzip\r\n");
                Assert.Equal((status, "gzip", status == 404 ? "Accept, Accept-Encoding" : "Accept-Encoding"), (answer.Status, answer["Content-Encoding"], answer["Vary"]));
                Assert.StartsWith(start, answer.DecodedText(), StringComparison.Ordinal);
            }
        }

        Assert.Equal(404, (await server.GetAsync("/x.js", "Accept-Encoding: identity;q=0\r\n")).Status);
    }

    [Fact]
    public async Task The_type_that_is_sent_decides()
    {
        await using var server = Serve(handler => handler.ExtensionsMap = new Dictionary<string, string> { [".png"] = "text/plain", [".txt"] = "application/zip" });
        Assert.Equal("gzip", (await server.GetAsync("/image.png", "Accept-Encoding: gzip\r\n"))["Content-Encoding"]);
        Assert.Null((await server.GetAsync("/a.txt", "Accept-Encoding: gzip\r\n"))["Content-Encoding"]);
    }

    private RunningServer Serve(Action<SimpleHttpRequestHandler> configure) =>
        RunningServer.OfDirectory(_directory.Path, configure, new() { TimeProvider = new StandingTimeProvider() });

    private Task<RawResponse> GetAsync(string target, string accept, string headers = "") =>
        _server.GetAsync(target, $"Accept-Encoding: {accept}\r\n{headers}");
}
