using System.Text;
using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.StaticFiles.Sites;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles.Sites;

public sealed class TargetCacheTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ContentRoot _root;
    private readonly TargetCache _cache;

    public TargetCacheTests()
    {
        _root = new ContentRoot(_directory.Path, SymlinkPolicy.Inside);
        _cache = new TargetCache(_root);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_target_is_read_once_while_it_keeps_its_place()
    {
        var target = Get("/a/../b%20c?q");
        Assert.Same(target, Get("/a/../b%20c?q"));
        Assert.NotSame(target, Get("/a/../b%20c?Q"));
        Assert.Equal((UrlPathFault.None, "/b c", _root.PathOf(["b c"])), (target.Fault, target.Url!.Decoded, target.FilePath));
    }

    [Fact]
    public void A_refused_target_is_remembered_with_its_fault()
    {
        var target = Get("/../x");
        Assert.Same(target, Get("/../x"));
        Assert.Equal((UrlPathFault.LeavesRoot, null, null), (target.Fault, target.Url, target.FilePath));
    }

    [Fact]
    public void Long_targets_are_not_remembered_nor_is_their_content()
    {
        Assert.Same(Get("/" + new string('a', 511)), Get("/" + new string('a', 511)));
        var longer = Get("/" + new string('a', 512));
        Assert.NotSame(longer, Get("/" + new string('a', 512)));
        Assert.False(_cache.TryKeep(longer, Content(10)));
        Assert.Null(longer.Cached);
    }

    [Fact]
    public void Any_number_of_targets_finds_room_by_pushing_others_out()
    {
        var first = Get("/0");
        Assert.True(_cache.TryKeep(first, Content(10)));
        for (var number = 1; number < 100_000; number++)
            Assert.Equal("/" + number, Get("/" + number).Url!.Decoded);
        Assert.NotSame(first, Get("/0"));
        Assert.Null(first.Cached);
    }

    [Fact]
    public void A_target_that_was_pushed_out_keeps_nothing()
    {
        // An idle connection still holds it: its content would be bounded by nothing.
        var target = Get("/a");
        for (var number = 0; number < 10_000; number++)
            Get("/" + number);
        Assert.False(_cache.TryKeep(target, Content(10)));
        Assert.Null(target.Cached);
    }

    [Fact]
    public void Content_in_all_places_together_is_bounded()
    {
        var targets = Enumerable.Range(0, 200).Select(number => Get("/" + number)).ToList();
        foreach (var target in targets)
        {
            _cache.TryKeep(target, Content(256 * 1024));
            Assert.InRange(targets.Sum(other => other.Cached?.Size ?? 0), 0, 16 * 1024 * 1024);
        }

        Assert.NotNull(targets[^1].Cached);
    }

    [Fact]
    public void Content_in_the_place_of_other_content_counts_once()
    {
        var others = Enumerable.Range(0, 10).Select(number => Get("/other" + number)).Where(target => _cache.TryKeep(target, Content(1024))).ToList();
        var busy = Get("/busy");
        others.RemoveAll(target => !ReferenceEquals(target, Get(Encoding.ASCII.GetString(target.Target))) || target.Cached is null);
        for (var round = 0; round < 1000; round++)
            _cache.TryKeep(busy, Content(256 * 1024));
        Assert.NotEmpty(others);
        Assert.All(others, target => Assert.NotNull(target.Cached));
    }

    [Fact]
    public void Content_that_was_pushed_out_no_longer_counts()
    {
        var keeper = Get("/keeper");
        Assert.True(_cache.TryKeep(keeper, Content(10)));
        var shared = Enumerable.Range(0, 100_000).Select(number => "/" + number).Where(path => SharesPlace(path, "/x")).Take(200).ToList();
        foreach (var path in shared)
            Assert.True(_cache.TryKeep(Get(path), Content(256 * 1024)));
        Assert.NotNull(keeper.Cached);

        static bool SharesPlace(string one, string other)
        {
            var cache = new TargetCache(new ContentRoot("/", SymlinkPolicy.Inside));
            var target = cache.Get(Encoding.ASCII.GetBytes(other));
            cache.Get(Encoding.ASCII.GetBytes(one));
            return !ReferenceEquals(target, cache.Get(Encoding.ASCII.GetBytes(other)));
        }
    }

    [Fact]
    public void A_very_large_listing_is_not_kept_and_pushes_nothing_out()
    {
        var (small, large) = (Get("/small"), Get("/large"));
        _cache.TryKeep(small, Content(10));
        Assert.True(_cache.TryKeep(large, Content(17 * 1024 * 1024)));
        Assert.Null(large.Cached);
        Assert.NotNull(small.Cached);
    }

    [Fact]
    public async Task Many_threads_may_use_it_at_once()
    {
        await Parallel.ForAsync(0, 20_000, (number, _) =>
        {
            var target = Get("/" + (number * 7919 % 1500));
            Assert.Equal("/" + (number * 7919 % 1500), target.Url!.Decoded);
            _cache.TryKeep(target, Content(64 * 1024));
            return default;
        });
        Assert.InRange(Enumerable.Range(0, 1500).Sum(number => Get("/" + number).Cached?.Size ?? 0), 0, 16 * 1024 * 1024);
    }

    private StaticTarget Get(string target) => _cache.Get(Encoding.ASCII.GetBytes(target));

    private static CachedContent Content(int size) =>
        CachedContent.OfFile("/a", default, 0, false, FileContent.OfMemory(new byte[size], new FileStamp(0, 0, size, 0, 0)));
}
