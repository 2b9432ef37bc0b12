using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>A subclass may replace each step of the way from a path to an answer, as with Python's class.</summary>
public sealed class OverrideTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _root;

    public OverrideTests()
    {
        _root = _directory.MakeDirectory("site");
        _directory.Write("site/a.txt", "a");
        _directory.Write("site/sub/b.html", "b");
        _directory.Write("site/page/index.html", "page");
        _directory.Write("elsewhere/x.txt", "x");
        _directory.Write("elsewhere/deep/y.txt", "y");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task DoGet_and_DoHead_can_be_replaced()
    {
        await using var server = Serve<OwnMethods>();
        Assert.Equal("own get", (await server.GetAsync("/a.txt")).Text);
        Assert.Equal("own head", (await server.SendAsync("HEAD /a.txt HTTP/1.1\r\nHost: test\r\n\r\n"))["X-Own"]);
        Assert.Equal("spam", (await server.SendAsync("SPAM /a.txt HTTP/1.1\r\nHost: test\r\n\r\n")).Text);
        Assert.Equal("GET, HEAD, OPTIONS, SPAM", (await server.SendAsync("OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n"))["Allow"]);
    }

    [Fact]
    public async Task SendHead_can_answer_by_itself_or_add_to_the_answer()
    {
        await using var server = Serve<OwnHead>();
        var refused = await server.GetAsync("/a.txt");
        Assert.Equal((403, null), (refused.Status, refused["X-Own"]));
        for (var round = 0; round < 2; round++)
            Assert.Equal("a", (await server.GetAsync("/a.txt", "X-Key: open\r\n")).Text);
        Assert.Equal(403, (await server.GetAsync("/a.txt")).Status);
        Assert.Equal(403, (await server.GetAsync("/sub/")).Status);
    }

    [Fact]
    public async Task SendHead_may_change_the_settings_for_each_request()
    {
        await using var server = Serve<OwnSettings>();
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal("a", (await server.GetAsync("/a.txt")).Text);
            Assert.Equal("x", (await server.GetAsync("/x.txt", $"X-Root: {Path.Combine(_directory.Path, "elsewhere")}\r\n")).Text);
            Assert.Equal(404, (await server.GetAsync("/a.txt", $"X-Root: {Path.Combine(_directory.Path, "elsewhere")}\r\n")).Status);
        }
    }

    [Fact]
    public async Task Settings_that_change_on_one_connection_hold_at_once()
    {
        await using var server = Serve<OwnSettings>();
        using var client = await server.ConnectAsync();
        foreach (var (root, status) in new[] { ("site", 200), ("elsewhere", 404), ("site", 200), ("elsewhere", 404) })
        {
            await client.SendAsync($"HEAD /a.txt HTTP/1.1\r\nHost: test\r\nX-Root: {Path.Combine(_directory.Path, root)}\r\n\r\n");
            Assert.Equal(status, (await client.ReadResponseAsync(isHead: true)).Status);
            if (status == 404)
                break;
        }
    }

    [Fact]
    public async Task ListDirectory_is_asked_every_time()
    {
        await using var plain = Serve<SimpleHttpRequestHandler>();
        await using var server = Serve<OwnListing>();
        for (var round = 0; round < 3; round++)
        {
            // What the plain handler keeps of the same directory must not go past the override.
            Assert.Equal(["b.html"], Listing.NamesOf((await plain.GetAsync("/sub/")).Text));
            Assert.Equal(403, (await server.GetAsync("/sub/")).Status);
            Assert.Equal(["b.html"], Listing.NamesOf((await server.GetAsync("/sub/", "X-Key: open\r\n")).Text));
            Assert.Equal(["y.txt"], Listing.NamesOf((await server.GetAsync("/sub/", $"X-Key: {Path.Combine(_directory.Path, "elsewhere", "deep")}\r\n")).Text));
            Assert.Equal("page", (await server.GetAsync("/page/")).Text);
        }
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("a.txt")]
    public async Task A_listing_that_fails_is_not_found(string name)
    {
        await using var server = Serve<OwnListing>();
        var response = await server.GetAsync("/sub/", $"X-Key: {Path.Combine(_root, name)}\r\n");
        Assert.Equal("HTTP/1.1 404 No permission to list directory", response.StatusLine);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_listing_asked_for_by_SendHead_is_of_that_request_alone()
    {
        await using var server = Serve<ListsFromHead>();
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(["y.txt"], Listing.NamesOf((await server.GetAsync("/page/", $"X-List: {Path.Combine(_directory.Path, "elsewhere", "deep")}\r\n")).Text));
            Assert.Equal(["index.html"], Listing.NamesOf((await server.GetAsync("/page/", $"X-List: {Path.Combine(_root, "page")}\r\n")).Text));
            Assert.Equal("page", (await server.GetAsync("/page/")).Text);
            Assert.Equal(["y.txt"], Listing.NamesOf((await server.GetAsync("/a.txt", $"X-List: {Path.Combine(_directory.Path, "elsewhere", "deep")}\r\n")).Text));
            Assert.Equal("a", (await server.GetAsync("/a.txt")).Text);
        }
    }

    [Fact]
    public async Task TranslatePath_may_lead_anywhere()
    {
        var elsewhere = Path.Combine(_directory.Path, "elsewhere");
        await using var plain = Serve<SimpleHttpRequestHandler>();
        await using var server = Serve(() => new Elsewhere { Directory = _root, Target = elsewhere });
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("a", (await plain.GetAsync("/a.txt")).Text);
            Assert.Equal("x", (await server.GetAsync("/x.txt")).Text);
            Assert.Equal(404, (await server.GetAsync("/a.txt")).Status);
            Assert.Equal("x", (await server.GetAsync("/latest/")).Text);
            Assert.Equal(404, (await server.GetAsync("/null")).Status);
            Assert.Equal(404, (await server.GetAsync("/x.txt/")).Status);

            // The override gives these directories without a slash at their end, "/" too: whether to redirect is the request path's matter.
            Assert.Equal(["deep/", "x.txt"], Listing.NamesOf((await server.GetAsync("/")).Text));
            Assert.Equal(["y.txt"], Listing.NamesOf((await server.GetAsync("/deep/")).Text));
            Assert.Equal("/deep/?q", (await server.GetAsync("/deep?q"))["Location"]);
            Assert.Equal("/mapped/", (await server.GetAsync("/mapped"))["Location"]);
        }

        File.WriteAllText(Path.Combine(elsewhere, "x.txt"), "changed");
        Assert.Equal("changed", (await server.GetAsync("/x.txt")).Text);
    }

    [Fact]
    public void TranslatePath_maps_a_request_path_to_the_disk()
    {
        var handler = new Exposed { Directory = _root };
        Assert.Equal(Path.Combine(_root, "a b", "c"), handler.Translate("/a%20b/./x/../c?q=/../.."));
        Assert.Equal(Path.Combine(_root, "sub") + Path.DirectorySeparatorChar, handler.Translate("/sub/"));
        Assert.Equal(_root + Path.DirectorySeparatorChar, handler.Translate("/"));
        Assert.Equal(Path.Combine(_root, "a", "b"), handler.Translate("/a%2fb"));
        // As Path has it: each character a byte of UTF-8.
        Assert.Equal(Path.Combine(_root, "é"), handler.Translate(Encoding.Latin1.GetString("/é"u8)));
        foreach (var path in new[] { "/..", "/%2e%2e/x", "/a%2f..%2fb", "/a%2f", "/%00", "/%", "/%ff", "/\u20ac", "x", "" })
            Assert.Null(handler.Translate(path));
        Assert.Throws<ArgumentNullException>(() => handler.Translate(null!));
    }

    [Fact]
    public async Task GuessType_hears_the_path_of_the_file_from_the_disk_and_from_memory()
    {
        await using var server = Serve<OwnTypes>();
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("x/" + Path.Combine(_root, "a.txt"), (await server.GetAsync("/a.txt"))["Content-Type"]);
            Assert.Equal("x/" + Path.Combine(_root, "page", "index.html"), (await server.GetAsync("/page/"))["Content-Type"]);
        }
    }

    [Fact]
    public async Task CopyFileAsync_may_change_what_is_sent()
    {
        await using var server = Serve<OwnCopy>();
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("A", (await server.GetAsync("/a.txt")).Text);
            Assert.Contains("<!DOCTYPE HTML>", (await server.GetAsync("/sub/")).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_overload_beside_an_override_does_not_hide_it()
    {
        await using var server = Serve(() => new Overloaded { Directory = _root, Target = Path.Combine(_directory.Path, "elsewhere") });
        for (var round = 0; round < 2; round++)
            Assert.Equal("x", (await server.GetAsync("/anything")).Text);
    }

    private RunningServer Serve<THandler>()
        where THandler : SimpleHttpRequestHandler, new() => Serve(() => new THandler { Directory = _root });

    private static RunningServer Serve(Func<SimpleHttpRequestHandler> create) => new(create, new() { TimeProvider = new StandingTimeProvider() });

    private sealed class OwnMethods : SimpleHttpRequestHandler
    {
        public override ValueTask DoGet()
        {
            SendText("own get");
            return default;
        }

        public override ValueTask DoHead()
        {
            SendResponse(200);
            SendHeader("X-Own", "own head");
            EndHeaders();
            return default;
        }

        public void DoSpam() => SendText("spam");
    }

    private sealed class OwnHead : SimpleHttpRequestHandler
    {
        protected override FileContent? SendHead()
        {
            if (Headers["X-Key"] == "open")
                return base.SendHead();
            SendError(403);
            return null;
        }
    }

    private sealed class OwnSettings : SimpleHttpRequestHandler
    {
        protected override FileContent? SendHead()
        {
            if (Headers["X-Root"] is { } root)
                Directory = root;
            return base.SendHead();
        }
    }

    private sealed class OwnListing : SimpleHttpRequestHandler
    {
        protected override FileContent? ListDirectory(string path)
        {
            if (Headers["X-Key"] is { } key)
                return base.ListDirectory(key == "open" ? path : key);
            SendError(403);
            return null;
        }
    }

    private sealed class ListsFromHead : SimpleHttpRequestHandler
    {
        protected override FileContent? SendHead() => Headers["X-List"] is { } path ? ListDirectory(path) : base.SendHead();
    }

    private sealed class Elsewhere : SimpleHttpRequestHandler
    {
        public string Target { get; init; } = "";

        protected override string? TranslatePath(string path) => path.Split('?')[0] switch
        {
            "/null" => null,
            "/latest/" => System.IO.Path.Combine(Target, "x.txt"),
            "/x.txt/" => System.IO.Path.Combine(Target, "x.txt") + "/",
            "/mapped" => Target + "/",
            "/" => Target,
            var other => System.IO.Path.Combine(Target, other.Trim('/')),
        };
    }

    private sealed class Overloaded : SimpleHttpRequestHandler
    {
        public string Target { get; init; } = "";

        protected override string? TranslatePath(string path) => TranslatePath(path, "x.txt");

        private string? TranslatePath(string path, string name) => path == "/" ? null : System.IO.Path.Combine(Target, name);
    }

    private sealed class Exposed : SimpleHttpRequestHandler
    {
        public string? Translate(string path) => TranslatePath(path);
    }

    private sealed class OwnTypes : SimpleHttpRequestHandler
    {
        protected override string GuessType(string path) => "x/" + path;
    }

    private sealed class OwnCopy : SimpleHttpRequestHandler
    {
        protected override async ValueTask CopyFileAsync(FileContent source, Stream outputFile)
        {
            using var copy = new MemoryStream();
            await source.CopyToAsync(copy);
            Assert.Equal(source.Length, copy.Length);
            await outputFile.WriteAsync(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(copy.ToArray()).Replace("html>", "HTML>", StringComparison.Ordinal).Replace("a", "A", StringComparison.Ordinal)));
        }
    }
}
