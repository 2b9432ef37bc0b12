using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.Tests.Support;
using Http.Server.Uploads;

namespace Http.Server.Tests.Uploads;

/// <summary>All ways of writing below a root: by handles, without names and with temporary ones, and by paths.</summary>
public sealed class UploadFolderTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _root;

    public UploadFolderTests()
    {
        _root = _directory.MakeDirectory("root");
        _directory.MakeDirectory("root/sub/deep");
        _directory.MakeDirectory("outside");
        _directory.Write("root/file", "old");
    }

    public static TheoryData<string> Ways => ["unnamed", "named", "path"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_file_has_its_name_when_it_is_published_and_is_gone_otherwise(string way)
    {
        using var folder = Open(way, "sub/deep");
        var file = UploadFile.Create(folder, "a");
        var isUnnamed = way == "unnamed" && new DriveInfo(_root).DriveFormat is "btrfs" or "ext4" or "tmpfs" or "xfs";
        Assert.Equal(isUnnamed ? 0 : 1, Names("sub/deep").Count(static name => UploadName.IsMade(name)));
        await file.FillAsync(new MemoryStream(new byte[200_000]));
        file.Publish(static () => false);
        await file.DisposeAsync();
        Assert.Equal(["a"], Names("sub/deep"));
        Assert.Equal((200_000, false), (file.Length, file.HasReplaced));
        Assert.Equal(200_000, new FileInfo(Path.Combine(_root, "sub", "deep", "a")).Length);

        await UploadFile.Create(folder, "b").DisposeAsync();
        Assert.Equal(["a"], Names("sub/deep"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_name_is_not_taken_from_another_even_when_nobody_has_seen_that_one(string way)
    {
        using var folder = Open(way, "");
        File.CreateSymbolicLink(Path.Combine(_root, "dead"), "nothing");
        foreach (var name in new[] { "file", "sub", "dead" })
        {
            var file = UploadFile.Create(folder, name);
            await file.FillAsync(Stream.Null);
            Assert.Equal(409, Assert.Throws<RequestFaultException>(() => file.Publish(static () => false)).Status);
            await file.DisposeAsync();
        }

        Assert.Equal(["dead", "file", "sub"], Names(""));
        Assert.Equal("old", File.ReadAllText(Path.Combine(_root, "file")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_file_is_replaced_and_a_link_not_followed(string way)
    {
        using var folder = Open(way, "");
        File.CreateSymbolicLink(Path.Combine(_root, "link"), "file");
        foreach (var name in new[] { "link", "file" })
        {
            var file = UploadFile.Create(folder, name);
            await file.FillAsync(new MemoryStream("new"u8.ToArray()));
            file.Publish(static () => true);
            await file.DisposeAsync();
            Assert.True(file.HasReplaced);
            Assert.Equal("new", File.ReadAllText(Path.Combine(_root, name)));
            Assert.Equal(name == "link" ? "old" : "new", File.ReadAllText(Path.Combine(_root, "file")));
        }

        Assert.Null(new FileInfo(Path.Combine(_root, "link")).LinkTarget);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_has_a_name_is_told_and_links_are_no_files(string way)
    {
        File.CreateSymbolicLink(Path.Combine(_root, "link"), "file");
        File.CreateSymbolicLink(Path.Combine(_root, "dead"), "nothing");
        using var folder = Open(way, "");
        Assert.Equal((false, EntryKind.None), (folder.TryStat("nothing", out var kind, out _), kind));
        Assert.Equal((true, EntryKind.File, 3), (folder.TryStat("file", out kind, out var stamp), kind, stamp.Size));
        Assert.Equal((true, EntryKind.Directory), (folder.TryStat("sub", out kind, out _), kind));
        Assert.Equal((true, EntryKind.None), (folder.TryStat("link", out kind, out _), kind));
        Assert.Equal((true, EntryKind.None), (folder.TryStat("dead", out kind, out _), kind));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_directory_is_opened_through_no_link(string way)
    {
        Directory.CreateSymbolicLink(Path.Combine(_root, "in"), "sub");
        Directory.CreateSymbolicLink(Path.Combine(_root, "out"), "../outside");
        Directory.CreateSymbolicLink(Path.Combine(_root, "sub", "up"), "..");
        foreach (var path in new[] { "in", "out", "in/deep", "sub/up", "sub/up/sub" })
            Assert.Equal((path, 403), (path, Assert.Throws<RequestFaultException>(() => Open(way, path)).Status));
        foreach (var path in new[] { "nothing", "file", "sub/nothing/deep", "file/deep", new string('x', 300) })
            Assert.Equal((path, 409), (path, Assert.Throws<RequestFaultException>(() => Open(way, path)).Status));
    }

    [Theory]
    [InlineData(28, 507)]
    [InlineData(27, 507)]
    [InlineData(13, 403)]
    [InlineData(30, 403)]
    [InlineData(17, 409)]
    [InlineData(5, 500)]
    public void An_error_of_the_system_becomes_a_status(int error, int status)
    {
        Assert.Equal(status, UploadFault.OfFile(error, null).Status);
        Assert.Equal(status, UploadFault.OfFile(new IOException("message", error)).Status);
    }

    [Theory]
    [InlineData(unchecked((int)0x80070070), 507)]
    [InlineData(unchecked((int)0x80070027), 507)]
    [InlineData(unchecked((int)0x80070050), 409)]
    [InlineData(unchecked((int)0x800700b7), 409)]
    public void An_error_of_Windows_becomes_a_status(int result, int status) =>
        Assert.Equal(status, UploadFault.OfFile(new IOException("message", result)).Status);

    private UploadFolder Open(string way, string path)
    {
        if (way == "path")
            return UploadFolder.Open(_root, path.Replace('/', Path.DirectorySeparatorChar));
        Assert.SkipUnless(LinuxFiles.IsSupported, "This system has no openat2 and statx.");
        using var root = LinuxFiles.OpenRoot(_root, out _);
        return UploadFolder.Open(root!, path, namesAtOnce: way == "named");
    }

    private IEnumerable<string> Names(string path) => Directory.EnumerateFileSystemEntries(
        Path.Combine(_root, path), "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(entry => Path.GetFileName(entry)!).Order(StringComparer.Ordinal);
}
