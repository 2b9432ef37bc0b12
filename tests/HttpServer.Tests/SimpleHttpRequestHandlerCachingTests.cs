using Http.Server.Content;
using Http.Server.Tests.Support;

namespace Http.Server.Tests;

/// <summary>
/// Small files and listings are kept in memory. The clock of these servers says that everything is settled and stands still, so
/// that nothing but the stamps of the files can tell a change; yet each must be seen by the very next request.
/// </summary>
public sealed class SimpleHttpRequestHandlerCachingTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _root;
    private readonly RunningServer _server;
    private readonly DateTime _old = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public SimpleHttpRequestHandlerCachingTests()
    {
        _root = _directory.MakeDirectory("site");
        _server = RunningServer.OfDirectory(_root, options: new() { TimeProvider = new StandingTimeProvider() });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_file_that_is_written_in_place_is_seen()
    {
        Write("a.txt", "one");
        await ReadTwiceAsync("/a.txt", "one");
        foreach (var content in new[] { "longer than before", "", "back" })
        {
            Write("a.txt", content);
            await ReadTwiceAsync("/a.txt", content);
        }
    }

    [Fact]
    public async Task A_file_of_the_same_length_with_another_date_is_seen()
    {
        Write("a.txt", "one", _old);
        await ReadTwiceAsync("/a.txt", "one");
        Write("a.txt", "two", _old.AddTicks(1));
        await ReadTwiceAsync("/a.txt", "two");
    }

    [Fact]
    public async Task A_file_with_the_same_length_and_date_that_is_renamed_over_another_is_seen()
    {
        Write("a.txt", "one", _old);
        await ReadTwiceAsync("/a.txt", "one");
        foreach (var content in new[] { "two", "six", "ten" })
        {
            Write("new", content, _old);
            File.Move(Full("new"), Full("a.txt"), overwrite: true);
            await ReadTwiceAsync("/a.txt", content);
        }
    }

    [Fact]
    public async Task A_file_that_is_deleted_and_written_again_is_seen()
    {
        for (var round = 0; round < 3; round++)
        {
            Write("a.txt", "round " + new string('x', round));
            await ReadTwiceAsync("/a.txt", "round " + new string('x', round));
            File.Delete(Full("a.txt"));
            Assert.Equal(404, (await _server.GetAsync("/a.txt")).Status);
        }
    }

    [Fact]
    public async Task A_change_is_seen_on_a_connection_that_stays_open_and_between_two_of_them()
    {
        Write("a.txt", "1");
        using var one = await _server.ConnectAsync();
        using var other = await _server.ConnectAsync();
        for (var round = 1; round <= 5; round++)
        {
            Write("a.txt", new string('x', round));
            foreach (var client in new[] { one, other, one })
            {
                await client.SendAsync("GET /a.txt HTTP/1.1\r\nHost: test\r\n\r\n");
                Assert.Equal(new string('x', round), (await client.ReadResponseAsync()).Text);
            }
        }
    }

    [Fact]
    public async Task A_file_that_grows_beyond_what_is_kept_is_seen_and_so_is_one_that_shrinks()
    {
        foreach (var length in new[] { 10, 300 * 1024, 20, 256 * 1024, 256 * 1024 + 1, 0 })
        {
            Write("a.bin", new string('x', length));
            Assert.Equal(length, (await _server.GetAsync("/a.bin")).Body.Length);
            Assert.Equal(length, (await _server.GetAsync("/a.bin")).Body.Length);
        }
    }

    [Fact]
    public async Task Validators_and_ranges_are_those_of_the_new_content()
    {
        Write("a.txt", "one");
        var etag = (await ReadTwiceAsync("/a.txt", "one"))["ETag"];
        Write("a.txt", "three");
        Assert.Equal(200, (await _server.GetAsync("/a.txt", $"If-None-Match: {etag}\r\n")).Status);
        Assert.Equal(412, (await _server.GetAsync("/a.txt", $"If-Match: {etag}\r\n")).Status);
        Assert.Equal("bytes 3-4/5", (await _server.GetAsync("/a.txt", "Range: bytes=3-9\r\n"))["Content-Range"]);
    }

    [Fact]
    public async Task A_directory_in_the_place_of_another_is_seen()
    {
        Write("sub/a.txt", "old", _old);
        Write("other/a.txt", "new", _old);
        await ReadTwiceAsync("/sub/a.txt", "old");
        await ListTwiceAsync("/sub/", "a.txt");
        Write("other/b.txt", "b");
        Directory.Move(Full("sub"), Full("gone"));
        Directory.Move(Full("other"), Full("sub"));
        await ReadTwiceAsync("/sub/a.txt", "new");
        await ListTwiceAsync("/sub/", "a.txt", "b.txt");
    }

    [Fact]
    public async Task A_root_in_the_place_of_another_is_seen()
    {
        for (var round = 0; round < 4; round++)
        {
            var content = "round " + round;
            _directory.Write("next/a.txt", content);
            _directory.Write("next/only-" + round, content);
            if (round % 2 == 0)
                Directory.Delete(_root, recursive: true);
            else
                Directory.Move(_root, Path.Combine(_directory.Path, "gone" + round));
            Directory.Move(Path.Combine(_directory.Path, "next"), _root);
            await ReadTwiceAsync("/a.txt", content);
            await ListTwiceAsync("/", "a.txt", "only-" + round);
        }
    }

    [Fact]
    public async Task A_root_that_is_a_link_to_another_release_is_seen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        _directory.Write("v1/a.txt", "first");
        _directory.Write("v2/a.txt", "other");
        var current = Path.Combine(_directory.Path, "current");
        await using var server = RunningServer.OfDirectory(current, options: new() { TimeProvider = new StandingTimeProvider() });
        foreach (var (target, content) in new[] { ("v1", "first"), ("v2", "other"), ("v1", "first") })
        {
            if (Directory.Exists(current))
                Directory.Delete(current);
            Directory.CreateSymbolicLink(current, target);
            Assert.Equal(content, (await server.GetAsync("/a.txt")).Text);
            Assert.Equal(content, (await server.GetAsync("/a.txt")).Text);
        }
    }

    [Fact]
    public async Task An_index_page_that_comes_and_goes_is_seen()
    {
        Write("a.txt", "");
        await ListTwiceAsync("/", "a.txt");
        Write("index.htm", "second choice");
        await ReadTwiceAsync("/", "second choice");
        Write("index.html", "first choice");
        await ReadTwiceAsync("/", "first choice");
        File.Delete(Full("index.html"));
        await ReadTwiceAsync("/", "second choice");
        File.Delete(Full("index.htm"));
        await ListTwiceAsync("/", "a.txt");
    }

    [Fact]
    public async Task Names_that_come_and_go_are_seen_in_a_listing()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal) { "base" };
        Write("sub/base", "");
        await ListTwiceAsync("/sub/", [.. names]);
        for (var round = 0; round < 5; round++)
        {
            Write("sub/n" + round, "");
            names.Add("n" + round);
            await ListTwiceAsync("/sub/", [.. names]);
        }

        File.Delete(Full("sub/n1"));
        File.Move(Full("sub/n2"), Full("sub/n7"));
        names.ExceptWith(["n1", "n2"]);
        names.Add("n7");
        await ListTwiceAsync("/sub/", [.. names]);
        File.Delete(Full("sub/n3"));
        Directory.CreateDirectory(Full("sub/n3"));
        await ListTwiceAsync("/sub/", [.. names.Select(name => name == "n3" ? "n3/" : name)]);
        Directory.Delete(Full("sub"), recursive: true);
        Assert.Equal(404, (await _server.GetAsync("/sub/")).Status);
    }

    [Fact]
    public async Task What_a_link_leads_to_is_seen_though_the_directory_is_unchanged()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Write("far/real", "");
        Directory.CreateDirectory(Full("sub"));
        File.CreateSymbolicLink(Full("sub/link"), "../far/real");
        File.CreateSymbolicLink(Full("sub/index.html"), "../far/page");
        await ListTwiceAsync("/sub/", "link@");
        File.Delete(Full("far/real"));
        await ListTwiceAsync("/sub/");
        Directory.CreateDirectory(Full("far/real"));
        Assert.Contains("<a href=\"link/\">link@</a>", (await ListTwiceAsync("/sub/", "link@")).Text, StringComparison.Ordinal);
        Write("far/page", "now an index");
        await ReadTwiceAsync("/sub/", "now an index");
        File.Delete(Full("far/page"));
        await ListTwiceAsync("/sub/", "link@");
    }

    [Fact]
    public async Task An_index_page_in_another_directory_is_seen_though_the_listed_one_is_unchanged()
    {
        Directory.CreateDirectory(Full("pages"));
        await using var server = RunningServer.OfDirectory(_root, handler => handler.IndexPages = ["pages/main.html"],
            new() { TimeProvider = new StandingTimeProvider() });
        Assert.Equal(["pages/"], Listing.NamesOf((await server.GetAsync("/")).Text));
        Assert.Equal(["pages/"], Listing.NamesOf((await server.GetAsync("/")).Text));
        Write("pages/main.html", "main");
        Assert.Equal("main", (await server.GetAsync("/")).Text);
    }

    [Fact]
    public async Task A_link_to_another_file_is_seen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Write("one", "one", _old);
        Write("two", "two", _old);
        foreach (var name in new[] { "one", "two", "one" })
        {
            File.CreateSymbolicLink(Full("new"), name);
            File.Move(Full("new"), Full("link"), overwrite: true);
            await ReadTwiceAsync("/link", name);
        }
    }

    [Fact]
    public async Task A_file_that_becomes_a_directory_and_a_directory_that_becomes_a_file_are_seen()
    {
        Write("x", "file");
        await ReadTwiceAsync("/x", "file");
        File.Delete(Full("x"));
        Write("x/a", "");
        Assert.Equal(301, (await _server.GetAsync("/x")).Status);
        await ListTwiceAsync("/x/", "a");
        Directory.Delete(Full("x"), recursive: true);
        Write("x", "file again");
        await ReadTwiceAsync("/x", "file again");
        Assert.Equal(404, (await _server.GetAsync("/x/")).Status);
    }

    [Fact]
    public async Task A_file_that_may_no_longer_be_read_is_not_served_from_memory()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("root, and Windows in this way, can read every file.");
            return;
        }

        Write("a.txt", "secret");
        await ReadTwiceAsync("/a.txt", "secret");
        File.SetUnixFileMode(Full("a.txt"), UnixFileMode.None);
        Assert.Equal(404, (await _server.GetAsync("/a.txt")).Status);
    }

    [Fact]
    public async Task Servers_with_other_index_pages_do_not_see_each_others_listings()
    {
        Write("index.html", "page");
        Write("main.html", "main");
        var options = new HttpServerOptions { TimeProvider = new StandingTimeProvider(), Log = new RecordingLog() };
        await using var none = RunningServer.OfDirectory(_root, handler => handler.IndexPages = [], options);
        await using var main = RunningServer.OfDirectory(_root, handler => handler.IndexPages = ["main.html"], options);
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(["index.html", "main.html"], Listing.NamesOf((await none.GetAsync("/")).Text));
            Assert.Equal("page", (await _server.GetAsync("/")).Text);
            Assert.Equal("main", (await main.GetAsync("/")).Text);
        }
    }

    [Fact]
    public async Task Files_changed_moments_ago_are_read_each_time()
    {
        await using var server = RunningServer.OfDirectory(_root);
        // Same length, and within the coarsest clock's step: no stamp need tell these apart.
        for (var round = 0; round < 50; round++)
        {
            File.WriteAllText(Full("a.txt"), "round " + (char)('A' + round));
            Assert.Equal("round " + (char)('A' + round), (await server.GetAsync("/a.txt")).Text);
        }
    }

    [Fact]
    public async Task Sizes_in_a_listing_are_new_when_the_second_is_over()
    {
        Assert.SkipUnless(CachedContent.IsPossible, "Nothing is kept on this system.");
        var clock = new SteppingTimeProvider();
        Write("sub/a", "1234");
        await using var server = RunningServer.OfDirectory(_root, options: new() { TimeProvider = clock });
        Assert.Contains("<td>4 B</td>", (await server.GetAsync("/sub/")).Text, StringComparison.Ordinal);
        Write("sub/a", "1234567");
        clock.Step(TimeSpan.FromMilliseconds(1500));
        Assert.Contains("<td>7 B</td>", (await server.GetAsync("/sub/")).Text, StringComparison.Ordinal);
    }

    private void Write(string name, string content, DateTime? modified = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Full(name))!);
        File.WriteAllText(Full(name), content);
        if (modified is { } time)
            File.SetLastWriteTimeUtc(Full(name), time);
    }

    private string Full(string name) => Path.Combine(_root, name);

    /// <summary>The second answer comes from memory wherever content is kept.</summary>
    private async Task<RawResponse> ReadTwiceAsync(string target, string content)
    {
        Assert.Equal(content, (await _server.GetAsync(target)).Text);
        var response = await _server.GetAsync(target);
        Assert.Equal(content, response.Text);
        return response;
    }

    private async Task<RawResponse> ListTwiceAsync(string target, params string[] names)
    {
        Assert.Equal(names, Listing.NamesOf((await _server.GetAsync(target)).Text));
        var response = await _server.GetAsync(target);
        Assert.Equal(names, Listing.NamesOf(response.Text));
        return response;
    }

    private sealed class SteppingTimeProvider : TimeProvider
    {
        private readonly DateTimeOffset _now = DateTimeOffset.UtcNow.AddHours(1);
        private long _timestamp;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => Volatile.Read(ref _timestamp);

        public void Step(TimeSpan time) => Interlocked.Add(ref _timestamp, (long)(time.TotalSeconds * TimestampFrequency));
    }
}
