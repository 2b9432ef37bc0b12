using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.Tests.Support;
using Http.Server.Uploads;

namespace Http.Server.Tests.Uploads;

/// <summary>What of an upload stays when a server is killed, on file systems where something does, and who removes it; by handles and by paths.</summary>
public sealed class AbandonedUploadsTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _root;

    public AbandonedUploadsTests() => _root = _directory.MakeDirectory("root");

    public static TheoryData<bool> Ways => [true, false];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void Files_of_temporary_names_are_removed_however_deep_they_lie(bool byHandle)
    {
        string[] left = [Left("root"), Left("root"), Left("root/sub"), Left("root/.hidden/deep"), Left("root/a b/\u00e4")];
        Assert.Equal(left.Length, Remove(byHandle));
        Assert.DoesNotContain(left, File.Exists);
        Assert.True(Directory.Exists(Path.Combine(_root, ".hidden", "deep")));
        Assert.Equal(0, Remove(byHandle));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void All_else_stays(bool byHandle)
    {
        var outside = Left("outside");
        var name = UploadName.MakeTemporary();
        string[] users = [_directory.Write("root/.httpserver-upload-mine.tmp", "x"), _directory.Write("root/a", "x"), _directory.Write($"root/{name}x", "x")];
        var below = _directory.Write($"root/{UploadName.MakeTemporary()}/a", "x");
        Directory.CreateSymbolicLink(Path.Combine(_root, "out"), Path.Combine("..", "outside"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "round"), ".");
        File.CreateSymbolicLink(Path.Combine(_root, UploadName.MakeTemporary()), Path.Combine("..", "outside", Path.GetFileName(outside)));
        Assert.Equal(0, Remove(byHandle));
        Assert.All([outside, below, .. users], path => Assert.True(File.Exists(path), path));
        Assert.Equal(7, Directory.EnumerateFileSystemEntries(_root, "*", new EnumerationOptions { AttributesToSkip = 0 }).Count());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_file_that_is_being_written_stays_and_gets_its_name(bool byHandle)
    {
        foreach (var replaces in new[] { false, true })
        {
            using var folder = Open(byHandle);
            var file = UploadFile.Create(folder, "a");
            Assert.Equal(0, Remove(byHandle));
            await file.FillAsync(new MemoryStream("abc"u8.ToArray()));
            Assert.Equal(0, Remove(byHandle));
            file.Publish(() => replaces);
            await file.DisposeAsync();
            Assert.Equal(0, Remove(byHandle));
            Assert.Equal(["a"], Directory.EnumerateFileSystemEntries(_root, "*", new EnumerationOptions { AttributesToSkip = 0 }).Select(Path.GetFileName));
        }
    }

    /// <summary>Programs that watch the directory open what has come at once, and lock it.</summary>
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_file_can_be_locked_for_reading_in_the_very_moment_it_has_its_name(bool byHandle)
    {
        using var folder = Open(byHandle);
        var file = UploadFile.Create(folder, "a");
        await file.FillAsync(new MemoryStream("abc"u8.ToArray()));
        var path = Directory.EnumerateFiles(_root, "*", new EnumerationOptions { AttributesToSkip = 0 }).Single();
        using (new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            file.Publish(static () => false);
        await file.DisposeAsync();
        Assert.True(File.Exists(Path.Combine(_root, "a")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_huge_tree_is_not_read_to_its_end(bool byHandle)
    {
        for (var number = 0; number < 20; number++)
            _directory.Write($"root/{number}/file", "x");
        var near = Left("root");
        string[] deep = [.. Enumerable.Range(0, 20).Select(number => Left($"root/{number}/deep"))];
        Remove(byHandle, mostNames: 30);
        Assert.True(deep.Count(File.Exists) is > 10, "More was read than asked for.");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Equal(0, Remove(byHandle, cancellationToken: cancelled.Token));
        Remove(byHandle);
        Assert.DoesNotContain([near, .. deep], File.Exists);
    }

    [Fact]
    public async Task Directories_whose_names_are_no_text_are_passed_through()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Names are text here.");
        var name = UploadName.MakeTemporary();
        await Tool.RunAsync("sh", "-c", "d=$(printf '\\377'); mkdir \"$0/$d\" && touch \"$0/$d/$1\"", _root, name);
        Assert.Equal(1, Remove(byHandle: true));
        // .NET cannot name the directory.
        await Tool.RunAsync("sh", "-c", "rmdir \"$0/\"*", _root);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    private string Left(string folder) => _directory.Write($"{folder}/{UploadName.MakeTemporary()}", "half a file");

    private UploadFolder Open(bool byHandle)
    {
        if (!byHandle)
            return UploadFolder.Open(_root, "");
        Assert.SkipUnless(LinuxFiles.IsSupported, "This system has no openat2 and statx.");
        using var root = LinuxFiles.OpenRoot(_root, out _);
        return UploadFolder.Open(root!, "", namesAtOnce: true);
    }

    private int Remove(bool byHandle, int mostNames = AbandonedUploads.MaxNames, CancellationToken? cancellationToken = null)
    {
        if (!byHandle)
            return AbandonedUploads.Remove(_root, cancellationToken ?? Cancellation, mostNames);
        Assert.SkipUnless(LinuxFiles.IsSupported, "This system has no openat2 and statx.");
        using var root = LinuxFiles.OpenRoot(_root, out _);
        return AbandonedUploads.Remove(root!, cancellationToken ?? Cancellation, mostNames);
    }
}
