using System.Text;
using Http.Server.Compression;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.StaticFiles.Sites;

namespace Http.Server.Tests.Compression;

public sealed class EncodedContentsTests
{
    private readonly TargetCache _cache = new(new ContentRoot("/", SymlinkPolicy.Inside));

    [Fact]
    public async Task Of_many_threads_that_want_the_same_one_makes_it()
    {
        var source = Content("a", 200_000);
        var place = PlaceOf(source);
        using var start = new ManualResetEventSlim();
        var all = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.Wait(TestContext.Current.CancellationToken);
                return place.GetOrMake(ContentCoding.Brotli, source, evenIfLarger: false, _cache);
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        start.Set();
        var results = await Task.WhenAll(all);
        Assert.NotNull(results[0]);
        Assert.All(results, result => Assert.Same(results[0], result));
        Assert.Equal(results[0]!.Length, place.Size);
    }

    [Fact]
    public void The_same_content_has_one_place_and_other_content_another()
    {
        var stamp = new FileStamp(1, 2, 3, 4, 5);
        var place = _cache.EncodingsOf(new("/a", stamp, 6));
        Assert.Same(place, _cache.EncodingsOf(new("/a", stamp, 6)));
        Assert.NotSame(place, _cache.EncodingsOf(new("/b", stamp, 6)));
        Assert.NotSame(place, _cache.EncodingsOf(new("/a", stamp with { Modified = 5 }, 6)));
        Assert.NotSame(place, _cache.EncodingsOf(new("/a", stamp, 7)));
    }

    [Fact]
    public void Codings_are_kept_side_by_side()
    {
        var source = Content("a", 5000);
        var place = PlaceOf(source);
        Assert.False(place.TryGet(ContentCoding.Gzip, evenIfLarger: false, out _));
        var gzip = place.GetOrMake(ContentCoding.Gzip, source, evenIfLarger: false, _cache)!;
        Assert.False(place.TryGet(ContentCoding.Brotli, evenIfLarger: false, out _));
        var brotli = place.GetOrMake(ContentCoding.Brotli, source, evenIfLarger: false, _cache)!;
        Assert.Equal((ContentCoding.Gzip, ContentCoding.Brotli), (gzip.Coding, brotli.Coding));
        Assert.True(place.TryGet(ContentCoding.Gzip, evenIfLarger: false, out var known));
        Assert.Same(gzip, known);
    }

    [Fact]
    public void That_nothing_is_saved_is_remembered_but_not_the_result()
    {
        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        var source = FileContent.OfMemory(noise, default(FileStamp));
        var place = PlaceOf(source);
        Assert.Null(place.GetOrMake(ContentCoding.Gzip, source, evenIfLarger: false, _cache));
        Assert.True(place.TryGet(ContentCoding.Gzip, evenIfLarger: false, out var encoded));
        Assert.Null(encoded);
        Assert.False(place.TryGet(ContentCoding.Gzip, evenIfLarger: true, out _));
        Assert.NotNull(place.GetOrMake(ContentCoding.Gzip, source, evenIfLarger: true, _cache));
        Assert.Equal(0, place.Size);
    }

    [Fact]
    public void What_is_kept_is_bounded_and_what_loses_its_place_lets_go_of_it()
    {
        var places = new List<EncodedContents>();
        for (var number = 0; number < 200; number++)
        {
            var noise = new byte[256 * 1024];
            new Random(number).NextBytes(noise.AsSpan(0, 200 * 1024));
            var source = FileContent.OfMemory(noise, default(FileStamp));
            places.Add(PlaceOf(source));
            Assert.NotNull(places[^1].GetOrMake(ContentCoding.Gzip, source, evenIfLarger: false, _cache));
            Assert.InRange(places.Sum(place => place.Size), 0, 8 * 1024 * 1024);
        }

        Assert.True(places[0].IsDropped);
        Assert.False(places[0].TryGet(ContentCoding.Gzip, evenIfLarger: false, out _));
        Assert.Contains(places, place => place.Size > 0);
    }

    [Fact]
    public void Places_are_bounded_though_nothing_lies_in_them()
    {
        var first = _cache.EncodingsOf(new("/", default, 0));
        for (var number = 1UL; number < 5000; number++)
            _cache.EncodingsOf(new("/", default, number));
        Assert.True(first.IsDropped);
    }

    [Fact]
    public void Files_are_dropped_before_what_they_were_compressed_to()
    {
        var source = Content("a", 200_000);
        var place = PlaceOf(source);
        place.GetOrMake(ContentCoding.Brotli, source, evenIfLarger: false, _cache);
        var targets = Enumerable.Range(0, 100).Select(number => _cache.Get(Encoding.ASCII.GetBytes("/" + number))).ToList();
        foreach (var target in targets)
            _cache.TryKeep(target, CachedContent.OfFile("/a", default, 0, false, FileContent.OfMemory(new byte[256 * 1024], default(FileStamp))));
        Assert.InRange(targets.Sum(target => target.Cached?.Size ?? 0) + place.Size, 1, 16 * 1024 * 1024);
        Assert.True(place.Size > 0);
    }

    private static FileContent Content(string line, int length) =>
        FileContent.OfMemory(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, length).Select(number => $"{line}{number}"))[..length]), new FileStamp(0, 0, length, 10_000_000, 0));

    private EncodedContents PlaceOf(FileContent content) => _cache.EncodingsOf(new("/a", content.Stamp, ContentFingerprint.Of(content.InMemory())));
}
