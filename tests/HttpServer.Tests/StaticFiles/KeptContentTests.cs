using System.Text;
using Http.Server.StaticFiles.Sites;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>What is kept in memory at all, by a look into the site that handlers of one server share.</summary>
[Collection(nameof(Alone))]
public sealed class KeptContentTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public KeptContentTests()
    {
        Assert.SkipUnless(CachedContent.IsPossible, "Nothing is kept on this system.");
        _directory.Write("a.txt", "one");
        _directory.Write("large.bin", new string('x', 256 * 1024 + 1));
        _directory.Write("page/index.html", "page");
        _directory.Write("second/index.htm", "second");
        _directory.MakeDirectory("sub");
        _directory.MakeDirectory("links");
        File.CreateSymbolicLink(Path.Combine(_directory.Path, "links", "link"), "../a.txt");
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/a.txt", true)]
    [InlineData("/sub/", true)]
    [InlineData("/page/", true)]
    [InlineData("/second/", false)]
    [InlineData("/links/", false)]
    [InlineData("/large.bin", false)]
    public async Task Small_files_and_listings_are_kept_once_they_are_settled_and_not_before(string target, bool isKept)
    {
        await using var now = RunningServer.OfDirectory(_directory.Path);
        await now.GetAsync(target);
        Assert.Null(Kept(now, target));
        await using var later = RunningServer.OfDirectory(_directory.Path, options: new() { TimeProvider = new StandingTimeProvider() });
        await later.GetAsync(target);
        Assert.Equal(isKept, Kept(later, target) is not null);
    }

    [Fact]
    public async Task A_handler_that_hides_files_keeps_no_listing_but_shares_files()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path, handler => handler.HideDotfiles = true, new() { TimeProvider = new StandingTimeProvider() });
        await server.GetAsync("/sub/");
        await server.GetAsync("/a.txt");
        Assert.Null(Kept(server, "/sub/"));
        var kept = Kept(server, "/a.txt");
        Assert.NotNull(kept);
        await server.GetAsync("/a.txt");
        Assert.Same(kept, Kept(server, "/a.txt"));
    }

    private static CachedContent? Kept(RunningServer server, string target) =>
        Assert.Single(((ISiteOwner)server.Server).Sites.All).Targets.Get(Encoding.ASCII.GetBytes(target)).Cached;
}
