using Http.Server.Files;
using Http.Server.Listings;
using Http.Server.Pages;

namespace Http.Server.Tests.Listings;

public sealed class RecentListingsTests
{
    private static readonly RecentListings.Identity Listing = new("/a/", "/srv/a", default, ListingColumn.Name, IsDescending: false, HidesDotfiles: false);
    private static readonly FileStamp Before = new(1, 2, 3, 4, 5);
    private static readonly FileStamp After = new(1, 2, 3, 4, 6);

    private readonly RecentListings _listings = new();

    /// <summary>Those who wait get what was begun after they had asked, whatever has changed; who comes later gets nothing older than the change.</summary>
    [Fact]
    public void A_page_is_shared_with_those_who_had_asked_when_it_was_begun()
    {
        var content = FileContent.OfMemory(new byte[3], Before, "text/html");
        _listings.Add(Listing, begunAt: 100, content);
        Assert.Same(content, Find(After, now: 0, askedAt: 99));
        Assert.Null(Find(Before, now: 0, askedAt: 100));
        Assert.Null(Find(Before, now: 0, askedAt: long.MaxValue));
        Assert.Null(_listings.Find(Listing with { IsDescending = true }, Before, 0, 99, "text/html"));
    }

    [Theory]
    [InlineData(true, 1000, true, true)]
    [InlineData(true, 1001, true, false)]
    [InlineData(true, 500, false, false)]
    [InlineData(false, 500, true, false)]
    public void A_large_page_of_a_directory_that_has_not_changed_is_shared_for_a_second(bool isLasting, long age, bool isUnchanged, bool isShared)
    {
        var page = new PageBytes();
        page.Append("a page"u8);
        page.Complete();
        _listings.Add(Listing, Before, begunAt: 100, now: 5000, isLasting, page);
        using var found = Find(isUnchanged ? Before : After, now: 5000 + age, askedAt: long.MaxValue);
        Assert.Equal(isShared, found is not null);
        using var waited = Find(After, now: 9000, askedAt: 99);
        Assert.Equal(("text/html", 6), (waited!.ContentType, waited.Length));
    }

    [Fact]
    public void A_page_that_nobody_sends_any_more_is_not_given_out()
    {
        var page = new PageBytes();
        page.Complete();
        _listings.Add(Listing, Before, begunAt: 100, now: 0, isLasting: true, page);
        page.Release();
        Assert.Null(Find(Before, now: 0, askedAt: 0));
    }

    private FileContent? Find(FileStamp stamp, long now, long askedAt) => _listings.Find(Listing, stamp, now, askedAt, "text/html");
}
