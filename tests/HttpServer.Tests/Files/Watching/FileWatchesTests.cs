using Http.Server.Files;
using Http.Server.Files.Watching;
using Http.Server.Interop;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Files.Watching;

public sealed class FileWatchesTests : IDisposable
{
    /// <summary>An instance keeps its descriptor, so tests share one; those of a class run one after the other.</summary>
    private static readonly Lazy<FileWatches?> Instance = new(static () => FileWatches.Create(maxPaths: 5000));

    private readonly TempDirectory _directory = new();
    private readonly string _path;

    public FileWatchesTests()
    {
        Assert.SkipUnless(LinuxFiles.IsSupported && FileSystems.TellOfFile(LinuxFiles.Encode(_directory.Path)),
            "Files are not watched here: set TMPDIR to a directory of Linux on ext4, XFS, Btrfs or tmpfs.");
        _path = _directory.Write("sub/a.txt", "one");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_path_has_one_watch_until_it_breaks_and_none_for_a_while_after_that()
    {
        var watches = Shared();
        var watch = watches.Find(_path)!;
        Assert.True(watch.Holds());
        Assert.Same(watch, watches.Find(_path));

        File.AppendAllText(_path, "x");
        Assert.False(watch.Holds());
        Assert.True(watch.IsBroken);
        Assert.Empty(watch.Watches);
        Assert.Null(watches.Find(_path));
    }

    [Fact]
    public void What_breaks_one_leaves_others_that_share_its_directories()
    {
        var watches = Shared();
        var other = _directory.Write("sub/b.txt", "two");
        var (one, two) = (watches.Find(_path)!, watches.Find(other)!);
        Assert.Equal(one.Watches.Count, two.Watches.Count);
        Assert.Equal(one.Watches.Count - 1, one.Watches.Intersect(two.Watches).Count());

        File.Delete(_path);
        Assert.True(two.Holds());
        Assert.False(one.Holds());
        Directory.Move(Path.Combine(_directory.Path, "sub"), Path.Combine(_directory.Path, "moved"));
        Assert.False(two.Holds());
    }

    [Fact]
    public void Two_names_of_a_file_break_together()
    {
        var watches = Shared();
        var other = Path.Combine(_directory.Path, "b.txt");
        SystemWrites.Link(_path, other);
        var (one, two) = (watches.Find(_path)!, watches.Find(other)!);
        File.AppendAllText(other, "x");
        Assert.False(one.Holds());
        Assert.False(two.Holds());
    }

    [Fact]
    public void Events_that_were_lost_break_all()
    {
        var watches = Shared();
        var (quiet, one, other) = (_directory.Write("quiet", ""), _directory.Write("one", ""), _directory.Write("other", ""));
        var watch = watches.Find(quiet)!;
        Assert.NotNull(watches.Find(one));
        Assert.NotNull(watches.Find(other));
        Assert.True(watch.Holds());
        // Two in a row for the same file would become one.
        var length = int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_queued_events"), System.Globalization.CultureInfo.InvariantCulture);
        using (var first = new FileStream(one, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        using (var second = new FileStream(other, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            for (var count = 0; count <= length / 2; count++)
            {
                first.WriteByte(0);
                second.WriteByte(0);
            }
        }

        Assert.False(watch.Holds());
        Assert.True(watch.IsBroken);
    }

    [Fact]
    public void Where_there_is_no_room_all_are_dropped_and_not_again_for_a_while()
    {
        var watches = Require(FileWatches.Create(maxPaths: 3));
        var paths = Enumerable.Range(0, 8).Select(number => _directory.Write($"{number}", "")).ToArray();
        var first = paths[..3].Select(path => watches.Find(path)!).ToArray();
        Assert.All(first, static watch => Assert.True(watch.Holds()));
        var next = watches.Find(paths[3])!;
        Assert.All(first, static watch => Assert.True(watch.IsBroken));
        Assert.True(next.Holds());
        Assert.NotNull(watches.Find(paths[4]));
        Assert.NotNull(watches.Find(paths[5]));
        Assert.Null(watches.Find(paths[6]));
        Assert.Equal(3, watches.Count);
        Assert.True(next.Holds());
    }

    [Theory]
    [InlineData("/proc/self/status")]
    [InlineData("/sys/kernel/uevent_seqnum")]
    [InlineData("/no/such/file")]
    [InlineData("loop")]
    [InlineData("proc link")]
    public void What_is_not_told_of_is_not_watched(string name)
    {
        File.CreateSymbolicLink(Path.Combine(_directory.Path, "loop"), "loop");
        File.CreateSymbolicLink(Path.Combine(_directory.Path, "proc link"), "/proc/self/status");
        Assert.Null(Shared().Find(Path.Combine(_directory.Path, name)));
    }

    [Fact]
    public void A_way_through_another_file_system_is_not_watched_though_the_file_is_told_of() =>
        Assert.Null(Shared().Find("/proc/self/root" + Path.GetFullPath(_path)));

    [Fact]
    public void A_link_is_followed_from_where_it_lies()
    {
        File.CreateSymbolicLink(Path.Combine(_directory.Path, "sub", "up"), "..//./sub/a.txt");
        File.CreateSymbolicLink(Path.Combine(_directory.Path, "full"), Path.Combine(_directory.Path, "sub", "up"));
        var watch = Shared().Find(Path.Combine(_directory.Path, "full"))!;
        Assert.True(watch.Holds());
        File.AppendAllText(_path, "x");
        Assert.False(watch.Holds());
    }

    [Fact]
    public void A_watch_that_breaks_is_given_back_to_the_system()
    {
        LinuxStat.Read(_path, out var stamp);
        var line = $" ino:{stamp.Inode:x} ";
        var watch = Shared().Find(_path)!;
        Assert.Contains(line, WatchesOfTheProcess(), StringComparison.Ordinal);
        File.SetLastWriteTimeUtc(_path, DateTime.UnixEpoch);
        Assert.False(watch.Holds());
        Assert.DoesNotContain(line, WatchesOfTheProcess(), StringComparison.Ordinal);
    }

    /// <summary>
    /// All threads begin to ask after the change. One of them reads the events, of which that of the file in question is the last:
    /// the others find none, and are not to believe that nothing has happened.
    /// </summary>
    [Fact]
    public void No_thread_trusts_a_watch_after_the_change_while_another_one_reads_of_it()
    {
        const int Rounds = 100;
        const int Others = 12;
        var watches = Shared();
        using var rounds = new Barrier(3);
        var (current, faults, unwatched) = (default(FileWatch), 0, 0);
        var threads = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                rounds.SignalAndWait();
                for (var count = 0; count < 50; count++)
                {
                    if (Volatile.Read(ref current)?.Holds() == true)
                        Interlocked.Increment(ref faults);
                }

                rounds.SignalAndWait();
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        for (var round = 0; round < Rounds; round++)
        {
            var paths = Enumerable.Range(0, Others).Select(number => _directory.Write($"{round}/{number}", "")).ToArray();
            var made = paths.Select(watches.Find).ToArray();
            unwatched += made.Count(static watch => watch?.Holds() != true);
            foreach (var path in paths)
                File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
            current = made[^1];
            rounds.SignalAndWait(TestContext.Current.CancellationToken);
            rounds.SignalAndWait(TestContext.Current.CancellationToken);
        }

        foreach (var thread in threads)
            thread.Join();
        Assert.Equal((0, 0), (unwatched, faults));
    }

    private static string WatchesOfTheProcess() => string.Concat(Directory.EnumerateFiles("/proc/self/fdinfo").Select(static file =>
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }));

    private static FileWatches Shared() => Require(Instance.Value);

    private static FileWatches Require(FileWatches? watches)
    {
        Assert.SkipWhen(watches is null, "There are no more instances of inotify: raise fs.inotify.max_user_instances.");
        return watches!;
    }
}
