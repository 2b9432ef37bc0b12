using System.Formats.Tar;
using System.IO.Compression;
using Http.Server.Archives;
using Http.Server.Files;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Archives;

/// <summary>Files that change while they are archived.</summary>
public sealed class DirectoryArchiveTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ContentRoot _root;

    public DirectoryArchiveTests()
    {
        _directory.Write("root/a", "first");
        _directory.Write("root/b", new string('b', 2000));
        _directory.Write("root/c", "last");
        _root = new ContentRoot(Path.Combine(_directory.Path, "root"), SymlinkPolicy.Inside);
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(ArchiveFormat.Zip)]
    [InlineData(ArchiveFormat.Tar)]
    internal async Task A_file_that_is_gone_is_left_out(ArchiveFormat format)
    {
        var (archive, fault) = await WriteAsync(format, path =>
        {
            if (Path.GetFileName(path) == "b")
                File.Delete(path);
            return _root.Open(path);
        });
        Assert.Null(fault);
        Assert.Equal([("top/", 0), ("top/a", 5), ("top/c", 4)], Read(format, archive));
    }

    [Theory]
    [InlineData(ArchiveFormat.Zip)]
    [InlineData(ArchiveFormat.Tar)]
    internal async Task A_file_that_grows_is_cut_where_it_was(ArchiveFormat format)
    {
        var (archive, fault) = await WriteAsync(format, path => OpenAndThen(path, () => File.AppendAllText(path, "more")));
        Assert.Null(fault);
        Assert.Equal([("top/", 0), ("top/a", 5), ("top/b", 2000), ("top/c", 4)], Read(format, archive));
    }

    [Fact]
    public async Task A_ZIP_archive_has_what_is_left_of_a_file_that_becomes_shorter()
    {
        var (archive, fault) = await WriteAsync(ArchiveFormat.Zip, path => OpenAndThen(path, () => File.WriteAllText(path, "bb")));
        Assert.Null(fault);
        Assert.Equal([("top/", 0), ("top/a", 5), ("top/b", 2), ("top/c", 4)], Read(ArchiveFormat.Zip, archive));
    }

    [Fact]
    public async Task A_tar_archive_has_no_end_then()
    {
        var (archive, fault) = await WriteAsync(ArchiveFormat.Tar, path => OpenAndThen(path, () => File.WriteAllText(path, "bb")));
        Assert.IsType<EndOfStreamException>(fault, exactMatch: false);
        Assert.False(archive.AsSpan(^1024..).IndexOfAnyExcept((byte)0) < 0, "Two empty blocks are the end of an archive.");
    }

    [Theory]
    [InlineData(ArchiveFormat.Zip)]
    [InlineData(ArchiveFormat.Tar)]
    internal async Task What_cannot_be_written_ends_the_walk(ArchiveFormat format)
    {
        File.WriteAllBytes(Path.Combine(_root.FullPath, "b"), new byte[5_000_000]);
        var opened = new List<string>();
        var walk = new ArchiveWalk(_root, _root.FullPath, "top", SymlinkPolicy.Inside, false, path =>
        {
            opened.Add(Path.GetFileName(path));
            return _root.Open(path);
        });
        using var full = new MemoryStream(new byte[2000]);
        await Assert.ThrowsAnyAsync<NotSupportedException>(async () => await DirectoryArchive.WriteAsync(walk, format, full));
        Assert.DoesNotContain("c", opened);
    }

    /// <summary>Opens a file, and then has something happen to the one called b.</summary>
    private OpenedEntry OpenAndThen(string path, Action happen)
    {
        var opened = _root.Open(path);
        if (Path.GetFileName(path) == "b")
            happen();
        return opened;
    }

    private async Task<(byte[] Archive, Exception? Fault)> WriteAsync(ArchiveFormat format, Func<string, OpenedEntry> open)
    {
        var archive = new MemoryStream();
        var walk = new ArchiveWalk(_root, _root.FullPath, "top", SymlinkPolicy.Inside, false, open);
        var fault = await Record.ExceptionAsync(async () => await DirectoryArchive.WriteAsync(walk, format, archive));
        return (archive.ToArray(), fault);
    }

    private static List<(string Name, long Size)> Read(ArchiveFormat format, byte[] archive)
    {
        if (format == ArchiveFormat.Zip)
        {
            using var zip = new ZipArchive(new MemoryStream(archive));
            foreach (var entry in zip.Entries.Where(entry => entry.Name != ""))
            {
                using var reader = new StreamReader(entry.Open());
                Assert.Equal(entry.Length, reader.ReadToEnd().Length);
            }

            return [.. zip.Entries.Select(entry => (entry.FullName, entry.Length))];
        }

        using var tar = new TarReader(new MemoryStream(archive));
        var found = new List<(string, long)>();
        while (tar.GetNextEntry() is { } entry)
            found.Add((entry.Name, entry.Length));
        return found;
    }
}
