using Http.Server.StaticFiles.Sites;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Listings;

public sealed class CachedListingTests : ChangingSite
{
    [Fact]
    public async Task A_directory_in_the_place_of_another_is_seen()
    {
        Write("sub/a.txt", "old", Old);
        Write("other/a.txt", "new", Old);
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
            Around.Write("next/a.txt", content);
            Around.Write("next/only-" + round, content);
            if (round % 2 == 0)
                Directory.Delete(Root, recursive: true);
            else
                Directory.Move(Root, Path.Combine(Around.Path, "gone" + round));
            Directory.Move(Path.Combine(Around.Path, "next"), Root);
            await ReadTwiceAsync("/a.txt", content);
            await ListTwiceAsync("/", "a.txt", "only-" + round);
        }
    }

    [Fact]
    public async Task A_root_that_is_a_link_to_another_release_is_seen()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Around.Write("v1/a.txt", "first");
        Around.Write("v2/a.txt", "other");
        var current = Path.Combine(Around.Path, "current");
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
        await ListTwiceAsync("/sub/", ["n3/", .. names.Where(name => name != "n3")]);
        Directory.Delete(Full("sub"), recursive: true);
        Assert.Equal(404, (await Server.GetAsync("/sub/")).Status);
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
        await using var server = RunningServer.OfDirectory(Root, handler => handler.IndexPages = ["pages/main.html"],
            new() { TimeProvider = new StandingTimeProvider() });
        Assert.Equal(["pages/"], Listing.NamesOf((await server.GetAsync("/")).Text));
        Assert.Equal(["pages/"], Listing.NamesOf((await server.GetAsync("/")).Text));
        Write("pages/main.html", "main");
        Assert.Equal("main", (await server.GetAsync("/")).Text);
    }

    [Fact]
    public async Task Servers_with_other_index_pages_do_not_see_each_others_listings()
    {
        Write("index.html", "page");
        Write("main.html", "main");
        var options = new HttpServerOptions { TimeProvider = new StandingTimeProvider(), Log = new RecordingLog() };
        await using var none = RunningServer.OfDirectory(Root, handler => handler.IndexPages = [], options);
        await using var main = RunningServer.OfDirectory(Root, handler => handler.IndexPages = ["main.html"], options);
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(["index.html", "main.html"], Listing.NamesOf((await none.GetAsync("/")).Text));
            Assert.Equal("page", (await Server.GetAsync("/")).Text);
            Assert.Equal("main", (await main.GetAsync("/")).Text);
        }
    }

    [Fact]
    public async Task Sizes_in_a_listing_are_new_when_the_second_is_over()
    {
        Assert.SkipUnless(CachedContent.IsPossible, "Nothing is kept on this system.");
        var clock = new SteppingTimeProvider();
        Write("sub/a", "1234");
        await using var server = RunningServer.OfDirectory(Root, options: new() { TimeProvider = clock });
        Assert.Contains("<td>4 B<td>", (await server.GetAsync("/sub/")).Text, StringComparison.Ordinal);
        Write("sub/a", "1234567");
        clock.Step(TimeSpan.FromMilliseconds(1500));
        Assert.Contains("<td>7 B<td>", (await server.GetAsync("/sub/")).Text, StringComparison.Ordinal);
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
