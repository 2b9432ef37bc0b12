using Http.Server.Files;

namespace Http.Server.Tests.Files;

public sealed class LinuxFilesTests : FileOpeningTests
{
    public LinuxFilesTests() => Assert.SkipUnless(LinuxFiles.IsSupported, "This system has no openat2 and statx.");

    [Fact]
    public void A_path_is_encoded_in_UTF_8_with_NUL_at_its_end() => Assert.Equal("/é\0"u8, LinuxFiles.Encode("/é"));

    [Fact]
    public void A_stamp_tells_one_file_from_another_and_one_state_from_the_next()
    {
        var path = Path.Combine(Root, "a.txt");
        var time = File.GetLastWriteTimeUtc(path);
        var one = StampOf(path);
        Assert.Equal(one, StampOf(path));
        Assert.NotEqual(0, one.Changed);

        File.WriteAllText(path + ".new", "A");
        File.SetLastWriteTimeUtc(path + ".new", time);
        var other = StampOf(path + ".new");
        Assert.Equal((one.Device, one.Size, one.Modified), (other.Device, other.Size, other.Modified));
        Assert.NotEqual(one.Inode, other.Inode);

        File.SetLastWriteTimeUtc(path, time.AddTicks(1));
        Assert.Equal(one.Modified + 1, StampOf(path).Modified);
    }

    [Fact]
    public void A_path_that_leaves_the_root_for_a_while_is_left_undecided()
    {
        Link("absolute", Path.Combine(Root, "a.txt"));
        Link("around", "../root/a.txt");
        Link("inside", "a.txt");
        Assert.True(IsUndecided("absolute", SymlinkPolicy.Inside));
        Assert.True(IsUndecided("around", SymlinkPolicy.Inside));
        Assert.False(IsUndecided("inside", SymlinkPolicy.Inside));
        Assert.False(IsUndecided("nothing", SymlinkPolicy.Inside));
        Assert.False(IsUndecided("absolute", SymlinkPolicy.Refuse));
        Assert.False(IsUndecided("absolute", SymlinkPolicy.Follow));
    }

    [Fact]
    public void A_root_that_is_missing_or_a_file_has_no_handle()
    {
        Assert.Null(LinuxFiles.OpenRoot(Path.Combine(Root, "nothing"), out _));
        Assert.Null(LinuxFiles.OpenRoot(Path.Combine(Root, "a.txt"), out _));
    }

    [Fact]
    public void A_handle_is_told_like_a_path()
    {
        using var handle = File.OpenHandle(Path.Combine(Root, "a.txt"));
        Assert.Equal(EntryKind.File, LinuxStat.Read(handle, out var stamp));
        Assert.Equal(StampOf(Path.Combine(Root, "a.txt")), stamp);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-62_135_596_800)]
    [InlineData(4_000_000_000)]
    public void Times_before_1970_and_after_2038_are_told(long seconds)
    {
        var path = Path.Combine(Root, "a.txt");
        var time = DateTime.UnixEpoch.AddSeconds(seconds);
        File.SetLastWriteTimeUtc(path, time);
        Assert.SkipWhen(File.GetLastWriteTimeUtc(path) != time, "The file system does not hold this time.");
        Assert.Equal(time, StampOf(path).ModifiedUtc);
    }

    private protected override OpenedEntry OpenIn(string root, string relative, SymlinkPolicy policy)
    {
        // What the system leaves undecided goes the portable way, as in ContentRoot.
        using var handle = LinuxFiles.OpenRoot(root, out _)!;
        var opened = LinuxFiles.Open(handle, relative, policy, out var isUndecided);
        var real = PortableFiles.Resolve(root, out _)!;
        return isUndecided ? PortableFiles.Open(real, Path.Join(real, relative), policy) : opened;
    }

    private protected override EntryKind StatOf(string path, out FileStamp stamp) => LinuxStat.Read(path, out stamp);

    private static FileStamp StampOf(string path)
    {
        LinuxStat.Read(path, out var stamp);
        return stamp;
    }

    private bool IsUndecided(string relative, SymlinkPolicy policy)
    {
        using var handle = LinuxFiles.OpenRoot(Root, out _)!;
        LinuxFiles.Open(handle, relative, policy, out var isUndecided).Handle?.Dispose();
        return isUndecided;
    }
}
