using Http.Server.Files;

namespace Http.Server.Tests.Files;

public sealed class PortableFilesTests : FileOpeningTests
{
    [Theory]
    [InlineData("/srv", "/srv", true)]
    [InlineData("/srv", "/srv/a", true)]
    [InlineData("/srv", "/srv/a/b", true)]
    [InlineData("/srv", "/srv-other", false)]
    [InlineData("/srv", "/srv.txt", false)]
    [InlineData("/srv", "/sr", false)]
    [InlineData("/srv", "/", false)]
    [InlineData("/", "/", true)]
    [InlineData("/", "/etc", true)]
    public void A_path_is_within_a_root_up_to_a_separator(string root, string path, bool expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Written with Unix' separator.");
        Assert.Equal(expected, PortableFiles.IsWithin(root, path));
    }

    [Fact]
    public void Case_counts_on_Linux_alone() => Assert.Equal(!OperatingSystem.IsLinux(),
        PortableFiles.IsWithin(Path.Combine(Root, "sub"), Path.Combine(Root, "SUB", "b.txt")));

    [Fact]
    public void A_path_is_resolved_link_by_link()
    {
        var root = PortableFiles.Resolve(Root, out var above)!;
        Link("folder", "sub");
        Link("up", "folder/../a.txt");
        Link("absolute", Path.Combine(Root, "folder"));
        Link("loop", "loop");
        Check("a.txt", Path.Combine(root, "a.txt"), 0);
        Check("folder/b.txt", Path.Combine(root, "sub", "b.txt"), 1);
        // '..' is the parent of what the link leads to.
        Check("up", Path.Combine(root, "a.txt"), 2);
        Check("absolute/b.txt", Path.Combine(root, "sub", "b.txt"), 2 + above);
        Check("folder/../../../../../../../../../..", Path.GetPathRoot(root), 1);
        Assert.Null(PortableFiles.Resolve(Path.Combine(Root, "loop"), out _));

        void Check(string relative, string? expected, int expectedLinks)
        {
            Assert.Equal(expected, PortableFiles.Resolve(Path.Combine(Root, relative), out var links));
            Assert.Equal(expectedLinks + above, links);
        }
    }

    private protected override OpenedEntry OpenIn(string root, string relative, SymlinkPolicy policy)
    {
        var real = PortableFiles.Resolve(root, out _)!;
        return PortableFiles.Open(real, Path.Join(real, relative), policy);
    }

    private protected override EntryKind StatOf(string path, out FileStamp stamp) => PortableFiles.Stat(path, out stamp);
}
