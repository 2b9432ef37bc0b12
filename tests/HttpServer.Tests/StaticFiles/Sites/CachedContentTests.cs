using Http.Server.Files;
using Http.Server.Listings;
using Http.Server.StaticFiles.Sites;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles.Sites;

public sealed class CachedContentTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _path;

    public CachedContentTests()
    {
        Assert.SkipUnless(CachedContent.IsPossible, "Nothing is kept on this system.");
        _path = _directory.Write("a.txt", "one");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void It_holds_while_nothing_changes_and_for_a_second_at_most()
    {
        var content = Make();
        Assert.True(content.IsCurrent(5000));
        Assert.True(content.IsCurrent(6000));
        Assert.False(content.IsCurrent(6001));
    }

    [Fact]
    public void It_does_not_hold_for_another_length_date_or_file_nor_for_none()
    {
        Check(() => File.AppendAllText(_path, "x"));
        Check(() => File.SetLastWriteTimeUtc(_path, File.GetLastWriteTimeUtc(_path).AddTicks(1)));
        Check(() =>
        {
            File.Copy(_path, _path + ".new");
            File.SetLastWriteTimeUtc(_path + ".new", File.GetLastWriteTimeUtc(_path));
            File.Move(_path + ".new", _path, overwrite: true);
        });
        Check(() => File.Delete(_path));

        void Check(Action change)
        {
            var content = Make();
            Assert.True(content.IsCurrent(5000));
            change();
            Assert.False(content.IsCurrent(5000));
        }
    }

    [Fact]
    public void What_no_watch_is_told_is_seen_after_a_tenth_of_a_second()
    {
        var content = Make();
        for (var count = 0; count < 20; count++)
            Assert.True(content.IsCurrent(5000));
        Assert.SkipUnless(content.IsWatched, "Files are not watched here: set TMPDIR to a directory of Linux on ext4, XFS, Btrfs or tmpfs.");
        using var file = File.OpenHandle(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        SystemWrites.WriteByQueue(file, "longer"u8.ToArray());
        Assert.False(content.IsCurrent(5101));
    }

    [Fact]
    public void A_change_between_the_beginning_of_the_content_and_its_watch_is_seen()
    {
        var content = Make();
        for (var count = 0; count < 7; count++)
            Assert.True(content.IsCurrent(5000));
        File.AppendAllText(_path, "x");
        Assert.False(content.IsCurrent(5000));
        Assert.False(content.IsCurrent(5000));
        Assert.False(content.IsWatched);
    }

    [Fact]
    public void A_file_and_a_listing_tell_what_they_are()
    {
        var file = CachedContent.OfFile(_path, default, 0, isIndexPage: true, Body("one"u8.ToArray()));
        Assert.Equal((_path, true, null, 3), (file.Path, file.IsIndexPage, file.Shape, file.Size));
        var listing = CachedContent.OfListing(_directory.Path, default, 0, new(ListingFormat.Json, HasArchives: true), Body("page"u8.ToArray()));
        Assert.Equal((_directory.Path, false, 4), (listing.Path, listing.IsIndexPage, listing.Size));
        Assert.Equal(new ListingShape(ListingFormat.Json, HasArchives: true), listing.Shape);
    }

    private static FileContent Body(byte[] bytes) => FileContent.OfMemory(bytes, new FileStamp(0, 0, bytes.Length, 0, 0));

    private CachedContent Make()
    {
        LinuxStat.Read(_path, out var stamp);
        return CachedContent.OfFile(_path, stamp, 5000, isIndexPage: false, Body("one"u8.ToArray()));
    }
}
