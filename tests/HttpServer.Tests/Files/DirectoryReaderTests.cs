using Http.Server.Files;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Files;

public sealed class DirectoryReaderTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ContentRoot _root;

    public DirectoryReaderTests() => _root = new ContentRoot(_directory.MakeDirectory("root"), SymlinkPolicy.Inside);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Files_and_directories_come_with_kind_size_and_date_in_the_order_of_their_names()
    {
        var time = new DateTime(2021, 3, 4, 5, 6, 7, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_directory.Write("root/b", "12345"), time);
        _directory.Write("root/A/inner", "x");
        _directory.Write("root/C", "");
        var entries = Read(out var hasLinks);
        Assert.Equal(["A", "b", "C"], entries.Select(entry => entry.Name));
        Assert.Equal([EntryKind.Directory, EntryKind.File, EntryKind.File], entries.Select(entry => entry.Kind));
        Assert.Equal((5, time, false), (entries[1].Size, entries[1].ModifiedUtc, entries[1].IsLink));
        Assert.False(hasLinks);
    }

    [Fact]
    public void Names_that_differ_in_case_alone_have_a_fixed_order()
    {
        _directory.Write("root/a", "");
        _directory.Write("root/A", "");
        _directory.Write("root/B", "");
        Assert.SkipWhen(Directory.GetFiles(_root.FullPath).Length < 3, "The file system does not tell case apart.");
        Assert.Equal(["A", "a", "B"], Read(out _).Select(entry => entry.Name));
    }

    [Fact]
    public void Dotfiles_are_left_out_on_request()
    {
        _directory.Write("root/.a", "");
        _directory.Write("root/.b/c", "");
        _directory.Write("root/...", "");
        _directory.Write("root/d", "");
        Assert.Equal(["...", ".a", ".b", "d"], Read(out _).Select(entry => entry.Name));
        Assert.Equal(["d"], DirectoryReader.Read(_root, _root.FullPath, SymlinkPolicy.Inside, hideDotfiles: true, out _).Select(entry => entry.Name));
    }

    [Theory]
    [InlineData(SymlinkPolicy.Inside, "in")]
    [InlineData(SymlinkPolicy.Follow, "in out")]
    [InlineData(SymlinkPolicy.Refuse, "")]
    public void Links_are_shown_by_the_policy_with_what_they_lead_to_and_are_told_even_when_left_out(SymlinkPolicy policy, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        _directory.MakeDirectory("far");
        _directory.Write("root/sub/file", "1234");
        File.CreateSymbolicLink(Path.Combine(_root.FullPath, "in"), "sub/file");
        File.CreateSymbolicLink(Path.Combine(_root.FullPath, "out"), "../far");
        File.CreateSymbolicLink(Path.Combine(_root.FullPath, "dead"), "nothing");
        var root = new ContentRoot(_root.FullPath, policy);
        var links = DirectoryReader.Read(root, root.FullPath, policy, hideDotfiles: false, out var hasLinks).Where(entry => entry.IsLink).ToList();
        Assert.True(hasLinks);
        Assert.Equal(expected, string.Join(' ', links.Select(entry => entry.Name)));
        Assert.All(links, entry => Assert.Equal(entry.Name == "in" ? (EntryKind.File, 4L) : (EntryKind.Directory, entry.Size), (entry.Kind, entry.Size)));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("file")]
    [InlineData("file/below")]
    public void What_is_no_directory_throws_what_the_caller_expects(string name)
    {
        _directory.Write("root/file", "");
        Assert.ThrowsAny<IOException>(() => DirectoryReader.Read(_root, Path.Combine(_root.FullPath, name), SymlinkPolicy.Inside, false, out _));
    }

    [Fact]
    public void Every_hostile_name_is_there()
    {
        foreach (var name in HostileNames.All)
            File.WriteAllText(Path.Combine(_root.FullPath, name), "");
        Assert.Equal(HostileNames.All.Order(StringComparer.Ordinal), Read(out _).Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    private List<DirectoryEntry> Read(out bool hasLinks) =>
        DirectoryReader.Read(_root, _root.FullPath, SymlinkPolicy.Inside, hideDotfiles: false, out hasLinks);
}
