using System.Text;
using Http.Server.Files;
using Http.Server.Files.Watching;
using Http.Server.Interop;
using Http.Server.StaticFiles.Sites;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>
/// Small files that have been asked for so often that they are watched and not looked at any more. The clock stands, so nothing is
/// read anew: the next request sees each change because it is told.
/// </summary>
[Collection(nameof(Alone))]
public sealed class WatchedContentTests : IAsyncDisposable
{
    private const string Target = "/one/two/a.txt";

    private static readonly Dictionary<string, (string Target, Action<Site> Change, string? Expected)> Changes = new()
    {
        ["written in place, one byte"] = (Target, static site => WriteAt(site.File, "N"), "New"),
        ["written through a descriptor that was open before"] = (Target, static site => site.Open.Write("N"u8), "New"),
        ["appended to"] = (Target, static site => File.AppendAllText(site.File, "er"), "newer"),
        ["truncated by name"] = (Target, static site => File.WriteAllText(site.File, ""), ""),
        ["truncated by a descriptor"] = (Target, static site => site.Open.SetLength(1), "n"),
        ["longer by fallocate"] = (Target, static site => SystemWrites.Allocate(site.File, 5), "new\0\0"),
        ["written by copy_file_range"] = (Target, static site => SystemWrites.CopyRange(site.Other, site.File), "other"),
        ["written by sendfile"] = (Target, static site => SystemWrites.SendFile(site.Other, site.File), "other"),
        ["written through another hard link"] = (Target, static site => WriteAt(site.HardLink, "N"), "New"),
        ["renamed over"] = (Target, static site => File.Move(site.Other, site.File, overwrite: true), "other"),
        ["renamed over, with a hard link left"] = (Target, static site => File.Move(site.Sibling, site.File, overwrite: true), "sibling"),
        ["renamed away"] = (Target, static site => File.Move(site.File, site.File + ".old"), null),
        ["renamed away, and another in its place"] = (Target, static site =>
        {
            File.Move(site.File, site.File + ".old");
            File.Move(site.Other, site.File);
        }, "other"),
        ["exchanged with another"] = (Target, static site => SystemWrites.ExchangeNames(site.File, site.Other), "other"),
        ["deleted"] = (Target, static site => File.Delete(site.File), null),
        ["deleted while it is open"] = (Target, static site =>
        {
            _ = site.Open;
            File.Delete(site.File);
        }, null),
        ["deleted and made anew"] = (Target, static site =>
        {
            File.Delete(site.File);
            File.WriteAllText(site.File, "again");
        }, "again"),
        ["directory renamed"] = (Target, static site => Directory.Move(site.Two, site.Two + ".old"), null),
        ["directory above it renamed"] = (Target, static site => Directory.Move(site.One, site.One + ".old"), null),
        ["directory exchanged with another"] = (Target, static site => SystemWrites.ExchangeNames(site.Two, site.Spare), "spare"),
        ["directory above it exchanged with another"] = (Target, static site => SystemWrites.ExchangeNames(site.One, site.SpareOne), "spare one"),
        ["directory deleted with it"] = (Target, static site => Directory.Delete(site.One, recursive: true), null),
        ["directory replaced by a link"] = (Target, static site =>
        {
            Directory.Move(site.Two, site.Two + ".old");
            Directory.CreateSymbolicLink(site.Two, site.Spare);
        }, "spare"),
        ["link to the file replaced by rename"] = ("/link.txt", static site => ReplaceLink(site, "link.txt", "one/other.txt"), "other"),
        ["link to the file made anew"] = ("/link.txt", static site => MakeLinkAnew(site, "link.txt", "one/other.txt"), "other"),
        ["what a link leads to written"] = ("/link.txt", static site => WriteAt(site.File, "N"), "New"),
        ["what a link leads to renamed over"] = ("/link.txt", static site => File.Move(site.Other, site.File, overwrite: true), "other"),
        ["link in the middle replaced by rename"] = ("/way/two/a.txt", static site => ReplaceLink(site, "way", "spares"), "spare one"),
        ["link in the middle made anew"] = ("/way/two/a.txt", static site => MakeLinkAnew(site, "way", "spares"), "spare one"),
        ["second link of a chain replaced"] = ("/chain/two/a.txt", static site => ReplaceLink(site, "one/up", "../spares"), "spare one"),
        ["directory behind a link exchanged"] = ("/way/two/a.txt", static site => SystemWrites.ExchangeNames(site.Two, site.Spare), "spare"),
    };

    private readonly Site _site = new();

    public WatchedContentTests() => Assert.SkipUnless(
        CachedContent.IsPossible && FileWatches.Process is not null && FileSystems.TellOfFile(LinuxFiles.Encode(_site.Root)),
        "Files are not watched here: set TMPDIR to a directory of Linux on ext4, XFS, Btrfs or tmpfs.");

    public static TheoryData<string> Names => [.. Changes.Keys];

    public async ValueTask DisposeAsync() => await _site.DisposeAsync();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_next_request_sees_a_file_that_is(string name)
    {
        var (target, change, expected) = Changes[name];
        await _site.WatchAsync(target);
        change(_site);
        var response = await _site.Server.GetAsync(target);
        Assert.Equal(expected is null ? (404, null) : (200, expected), (response.Status, response.Status == 200 ? response.Text : null));
    }

    [Theory]
    [InlineData("rights of the file")]
    [InlineData("rights of a directory")]
    [InlineData("date of the file")]
    public async Task A_change_of_rights_or_dates_makes_the_next_request_look(string name)
    {
        if (OperatingSystem.IsWindows())
            return;
        var content = await _site.WatchAsync(Target);
        if (name.StartsWith("date", StringComparison.Ordinal))
            File.SetLastWriteTimeUtc(_site.File, new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        else if (name.EndsWith("file", StringComparison.Ordinal))
            File.SetUnixFileMode(_site.File, UnixFileMode.UserRead);
        else
            File.SetUnixFileMode(_site.Two, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        Assert.Equal("new", (await _site.Server.GetAsync(Target)).Text);
        Assert.False(content.IsWatched);
    }

    [Fact]
    public async Task What_happens_to_other_files_of_the_directories_is_no_matter()
    {
        if (OperatingSystem.IsWindows())
            return;
        var content = await _site.WatchAsync(Target);
        File.WriteAllText(_site.Sibling, "changed");
        File.SetUnixFileMode(_site.Sibling, UnixFileMode.UserRead);
        File.WriteAllText(Path.Combine(_site.Two, "another"), "made");
        File.Delete(Path.Combine(_site.Two, "another"));
        Directory.CreateDirectory(Path.Combine(_site.One, "made"));
        File.ReadAllText(_site.File);
        Assert.Equal("new", (await _site.Server.GetAsync(Target)).Text);
        Assert.True(content.IsWatched);
    }

    [Fact]
    public async Task Listings_and_what_is_seldom_asked_for_are_not_watched()
    {
        for (var count = 0; count < 20; count++)
            await _site.Server.GetAsync("/spares/");
        await _site.Server.GetAsync(Target);
        await _site.Server.GetAsync(Target);
        Assert.False(_site.Kept("/spares/")!.IsWatched);
        Assert.False(_site.Kept(Target)!.IsWatched);
    }

    /// <summary>Clients ask without a pause while one file after the other is replaced, once it is watched.</summary>
    [Fact]
    public async Task An_answer_to_a_request_that_began_after_a_change_is_never_older()
    {
        const int Files = 60;
        const int Clients = 4;
        for (var number = 0; number < Files; number++)
            File.WriteAllText(Path.Combine(_site.Two, $"{number}"), "old");
        var (current, changed) = (0, -1);
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            using var client = await _site.Server.ConnectAsync();
            while (!stop.IsCancellationRequested)
            {
                var number = Volatile.Read(ref current);
                var isChanged = Volatile.Read(ref changed) >= number;
                if (await AskAsync(client, number) is var text && isChanged && text != "newer")
                    return $"File {number} was sent as it had been.";
            }

            return "";
        })).ToArray();
        var watched = 0;
        using var own = await _site.Server.ConnectAsync();
        for (var number = 0; number < Files; number++)
        {
            Volatile.Write(ref current, number);
            for (var count = 0; count < 20; count++)
                await AskAsync(own, number);
            watched += _site.Kept($"/one/two/{number}") is { IsWatched: true } ? 1 : 0;
            var path = Path.Combine(_site.Two, $"{number}");
            if (number % 2 == 0)
            {
                File.WriteAllText(path, "newer");
            }
            else
            {
                File.WriteAllText(path + ".new", "newer");
                File.Move(path + ".new", path, overwrite: true);
            }

            Volatile.Write(ref changed, number);
            for (var count = 0; count < 10; count++)
                Assert.Equal("newer", await AskAsync(own, number));
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(clients), Assert.Empty);
        Assert.InRange(watched, Files / 2, Files);
    }

    private static async Task<string> AskAsync(RawClient client, int number)
    {
        await client.SendAsync($"GET /one/two/{number} HTTP/1.1\r\nHost: test\r\n\r\n");
        return (await client.ReadResponseAsync()).Text;
    }

    private static void WriteAt(string path, string text)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), 0);
    }

    private static void ReplaceLink(Site site, string name, string target)
    {
        var path = Path.Combine(site.Root, name);
        File.CreateSymbolicLink(path + ".new", target);
        SystemWrites.Rename(path + ".new", path);
    }

    private static void MakeLinkAnew(Site site, string name, string target)
    {
        var path = Path.Combine(site.Root, name);
        File.Delete(path);
        File.CreateSymbolicLink(path, target);
    }

    private sealed class Site : IAsyncDisposable
    {
        private readonly TempDirectory _directory = new();
        private FileStream? _open;

        public Site()
        {
            Root = _directory.MakeDirectory("root");
            (One, SpareOne) = (Path.Combine(Root, "one"), Path.Combine(Root, "spares"));
            (Two, Spare) = (Path.Combine(One, "two"), Path.Combine(One, "spare"));
            File = Write("one/two/a.txt", "new");
            Other = Write("one/other.txt", "other");
            Sibling = Write("one/two/sibling.txt", "sibling");
            Write("one/spare/a.txt", "spare");
            Write("spares/two/a.txt", "spare one");
            HardLink = Path.Combine(_directory.Path, "hard link");
            SystemWrites.Link(File, HardLink);
            System.IO.File.CreateSymbolicLink(Path.Combine(Root, "link.txt"), "one/two/a.txt");
            System.IO.File.CreateSymbolicLink(Path.Combine(Root, "way"), "one");
            System.IO.File.CreateSymbolicLink(Path.Combine(One, "up"), "../one");
            System.IO.File.CreateSymbolicLink(Path.Combine(Root, "chain"), "one/up");
            Server = RunningServer.OfDirectory(Root, options: new() { TimeProvider = new StandingTimeProvider() });
        }

        public RunningServer Server { get; }

        public string Root { get; }

        public string One { get; }

        public string Two { get; }

        public string SpareOne { get; }

        public string Spare { get; }

        public string File { get; }

        public string HardLink { get; }

        public string Other { get; }

        public string Sibling { get; }

        public FileStream Open => _open ??= new(File, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

        public CachedContent? Kept(string target) =>
            Assert.Single(((ISiteOwner)Server.Server).Sites.All).Targets.Get(Encoding.ASCII.GetBytes(target)).Cached;

        public async Task<CachedContent> WatchAsync(string target)
        {
            _ = Open;
            for (var count = 0; count < 20; count++)
                await Server.GetAsync(target);
            var content = Kept(target);
            Assert.True(content?.IsWatched);
            return content!;
        }

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            _open?.Dispose();
            _directory.Dispose();
        }

        private string Write(string name, string text) => _directory.Write(Path.Combine("root", name), text);
    }
}
