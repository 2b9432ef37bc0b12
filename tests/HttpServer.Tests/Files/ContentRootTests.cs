using Http.Server.Files;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Files;

[Collection(nameof(Alone))]
public sealed class ContentRootTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void One_directory_has_one_path_however_it_is_written()
    {
        Assert.Equal(_directory.Path, new ContentRoot(_directory.Path, SymlinkPolicy.Inside).FullPath);
        Assert.Equal(_directory.Path, new ContentRoot(_directory.Path + "/", SymlinkPolicy.Inside).FullPath);
        Assert.Equal(_directory.Path, new ContentRoot(Path.Combine(_directory.Path, "x", ".."), SymlinkPolicy.Inside).FullPath);
        Assert.Equal(_directory.Path, new ContentRoot(Path.GetRelativePath(Environment.CurrentDirectory, _directory.Path), SymlinkPolicy.Inside).FullPath);
    }

    [Fact]
    public void Paths_are_put_together_below_the_root()
    {
        var root = new ContentRoot(_directory.Path, SymlinkPolicy.Inside);
        Assert.Equal(_directory.Path, root.PathOf([]));
        Assert.Equal(Path.Combine(_directory.Path, "a", "b"), root.PathOf(["a", "b"]));
        Assert.True(root.Covers(_directory.Path));
        Assert.True(root.Covers(Path.Combine(_directory.Path, "a")));
        Assert.False(root.Covers(_directory.Path + "-other"));
        Assert.False(root.Covers(Path.GetDirectoryName(_directory.Path)!));
    }

    [Fact]
    public void The_file_systems_root_can_be_served()
    {
        _directory.Write("a.txt", "a");
        var top = Path.GetPathRoot(_directory.Path)!;
        var root = new ContentRoot(top, SymlinkPolicy.Inside);
        Assert.Equal(top, root.PathOf([]));
        var path = root.PathOf(Path.Combine(_directory.Path, "a.txt")[top.Length..].Split(Path.DirectorySeparatorChar));
        Assert.Equal(Path.Combine(_directory.Path, "a.txt"), path);
        Assert.True(root.Covers(path));
        Assert.Equal(EntryKind.Directory, root.Open(top).Kind);
        var opened = root.Open(path);
        opened.Handle!.Dispose();
        Assert.Equal(EntryKind.File, opened.Kind);
    }

    [Fact]
    public void A_new_directory_in_the_place_of_the_old_one_is_opened()
    {
        for (var round = 0; round < 5; round++)
        {
            _directory.Write("site/a.txt", new string('x', round));
            var root = new ContentRoot(Path.Combine(_directory.Path, "site"), SymlinkPolicy.Inside);
            var opened = root.Open(root.PathOf(["a.txt"]));
            opened.Handle!.Dispose();
            Assert.Equal(round, opened.Stamp.Size);
            Directory.Delete(root.FullPath, recursive: true);
            Assert.Equal(EntryKind.None, root.Open(root.PathOf(["a.txt"])).Kind);
            Assert.Equal(EntryKind.None, root.Open(root.FullPath).Kind);
        }
    }

    [Fact]
    public void A_file_is_no_root()
    {
        var root = new ContentRoot(_directory.Write("a.txt", "a"), SymlinkPolicy.Inside);
        Assert.Null(root.Open(root.FullPath).Handle);
        Assert.Equal(EntryKind.None, root.Open(root.PathOf(["b"])).Kind);
    }

    [Fact]
    public async Task A_link_with_dots_is_found_while_something_is_renamed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux' openat2 gives up here.");
        _directory.Write("site/a.txt", "a");
        _directory.MakeDirectory("site/sub");
        var moving = _directory.Write("moving-0", "");
        var root = new ContentRoot(Path.Combine(_directory.Path, "site"), SymlinkPolicy.Inside);
        File.CreateSymbolicLink(Path.Combine(root.FullPath, "sub", "up"), "../a.txt");
        using var stop = new CancellationTokenSource();
        var renaming = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                File.Move(moving, moving + "x");
                File.Move(moving + "x", moving);
            }
        }, CancellationToken.None);
        var missing = 0;
        for (var round = 0; round < 3000; round++)
        {
            var opened = root.Open(root.PathOf(["sub", "up"]));
            opened.Handle?.Dispose();
            missing += opened.Kind == EntryKind.File ? 0 : 1;
        }

        await stop.CancelAsync();
        await renaming;
        Assert.Equal(0, missing);
    }
}
