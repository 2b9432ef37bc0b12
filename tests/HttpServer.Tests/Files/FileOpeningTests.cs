using System.Text;
using Http.Server.Files;
using Http.Server.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Tests.Files;

/// <summary>What every way of opening files below a root must do; one class a way runs these.</summary>
public abstract class FileOpeningTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    protected FileOpeningTests()
    {
        Root = _directory.MakeDirectory("root");
        _directory.Write("secret.txt", "secret");
        _directory.Write("root-other/secret.txt", "secret");
        _directory.Write("root/a.txt", "a");
        _directory.Write("root/sub/b.txt", "bb");
    }

    protected string Root { get; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("a.txt", "a")]
    [InlineData("sub/b.txt", "bb")]
    [InlineData("nothing", null)]
    [InlineData("sub/nothing", null)]
    [InlineData("nothing/a.txt", null)]
    [InlineData("a.txt/b", null)]
    public void A_file_is_opened_and_what_is_missing_is_nothing(string relative, string? expected)
    {
        foreach (var policy in Enum.GetValues<SymlinkPolicy>())
            Assert.Equal(expected, Read(relative, policy));
    }

    [Fact]
    public void The_stamp_tells_length_and_time_of_the_opened_file()
    {
        var time = new DateTime(1994, 11, 6, 8, 49, 37, DateTimeKind.Utc).AddTicks(1234567);
        File.SetLastWriteTimeUtc(Path.Combine(Root, "sub", "b.txt"), time);
        var opened = OpenBelow("sub/b.txt", SymlinkPolicy.Inside);
        opened.Handle!.Dispose();
        Assert.Equal((EntryKind.File, 2, time), (opened.Kind, opened.Stamp.Size, opened.Stamp.ModifiedUtc));
    }

    [Fact]
    public void A_directory_is_told_and_not_opened()
    {
        foreach (var policy in Enum.GetValues<SymlinkPolicy>())
        {
            foreach (var relative in new[] { "", "sub" })
            {
                var opened = OpenBelow(relative, policy);
                Assert.Equal((EntryKind.Directory, null), (opened.Kind, opened.Handle));
                Assert.True(opened.Stamp.Modified > new DateTime(2020, 1, 1).Ticks);
            }
        }
    }

    [Theory]
    [InlineData("a.txt", "a", "a", null)]
    [InlineData("../root/a.txt", "a", "a", null)]
    [InlineData("{root}/a.txt", "a", "a", null)]
    [InlineData("sub/../a.txt", "a", "a", null)]
    [InlineData("sub/../../root/sub/b.txt", "bb", "bb", null)]
    [InlineData("../secret.txt", null, "secret", null)]
    [InlineData("{root}/../secret.txt", null, "secret", null)]
    [InlineData("../root-other/secret.txt", null, "secret", null)]
    [InlineData("{root}-other/secret.txt", null, "secret", null)]
    [InlineData("link", null, null, null)]
    [InlineData("nothing", null, null, null)]
    [InlineData("/", null, null, null)]
    public void A_link_is_followed_as_the_policy_says(string to, string? inside, string? follow, string? refuse)
    {
        Link("link", to.Replace("{root}", Root, StringComparison.Ordinal));
        Assert.Equal(inside, Read("link", SymlinkPolicy.Inside));
        Assert.Equal(follow, Read("link", SymlinkPolicy.Follow));
        Assert.Equal(refuse, Read("link", SymlinkPolicy.Refuse));
    }

    [Fact]
    public void A_link_on_the_way_counts_like_one_at_the_end()
    {
        Link("folder", "sub");
        Link("out", "../root-other");
        Link("far", Path.GetTempPath());
        Assert.Equal("bb", Read("folder/b.txt", SymlinkPolicy.Inside));
        Assert.Equal("bb", Read("folder/b.txt", SymlinkPolicy.Follow));
        Assert.Null(Read("folder/b.txt", SymlinkPolicy.Refuse));
        Assert.Null(Read("out/secret.txt", SymlinkPolicy.Inside));
        Assert.Equal("secret", Read("out/secret.txt", SymlinkPolicy.Follow));
        Assert.Null(Read("out/secret.txt", SymlinkPolicy.Refuse));
        Assert.Equal(EntryKind.None, OpenBelow("far", SymlinkPolicy.Inside).Kind);
        Assert.Equal(EntryKind.Directory, OpenBelow("far", SymlinkPolicy.Follow).Kind);
    }

    [Fact]
    public void A_long_chain_of_links_ends()
    {
        Link("0", "a.txt");
        for (var number = 1; number <= 60; number++)
            Link(number.ToString(System.Globalization.CultureInfo.InvariantCulture), (number - 1).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("a", Read("20", SymlinkPolicy.Inside));
        Assert.Null(Read("60", SymlinkPolicy.Inside));
        Assert.Null(Read("60", SymlinkPolicy.Follow));
    }

    [Fact]
    public void A_root_that_is_a_link_is_no_link_below_the_root()
    {
        var link = Path.Combine(Path.GetDirectoryName(Root)!, "l");
        Directory.CreateSymbolicLink(link, Root);
        Link("alias", "a.txt");
        foreach (var root in new[] { link, Root })
        {
            Assert.Equal("a", ReadIn(root, "a.txt", SymlinkPolicy.Refuse));
            Assert.Null(ReadIn(root, "alias", SymlinkPolicy.Refuse));
            Assert.Equal("a", ReadIn(root, "alias", SymlinkPolicy.Inside));
            Assert.Equal(EntryKind.Directory, OpenIn(root, "", SymlinkPolicy.Refuse).Kind);
        }
    }

    [Fact]
    public async Task Pipes_sockets_and_devices_are_nothing_and_never_wait()
    {
        var mkfifo = Tool.Require("mkfifo", "coreutils");
        await Tool.RunAsync(mkfifo, Path.Combine(Root, "pipe"));
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(Root, "socket")));
        Link("null", "/dev/null");
        Link("zero", "/dev/zero");
        foreach (var name in new[] { "pipe", "socket", "null", "zero" })
        {
            Assert.Equal((name, EntryKind.None), (name, OpenBelow(name, SymlinkPolicy.Follow).Kind));
            Assert.Equal((name, EntryKind.None), (name, StatOf(Path.Combine(Root, name), out _)));
        }
    }

    [Fact]
    public void Names_of_any_characters_and_of_any_length_are_found_or_are_nothing()
    {
        foreach (var name in HostileNames.All)
        {
            File.WriteAllText(Path.Combine(Root, name), name);
            Assert.Equal(name, Read(name, SymlinkPolicy.Inside));
        }

        var deep = string.Join('/', Enumerable.Repeat(new string('d', 200), 10));
        _directory.Write("root/" + deep + "/file", "deep");
        Assert.Equal("deep", Read(deep + "/file", SymlinkPolicy.Inside));
        Assert.Null(Read(new string('x', 256), SymlinkPolicy.Inside));
        Assert.Null(Read(new string('x', 100_000), SymlinkPolicy.Inside));
    }

    [Fact]
    public void What_stands_at_a_path_is_told_with_links_followed()
    {
        Link("file", "a.txt");
        Link("folder", "sub");
        Link("out", "../secret.txt");
        Link("dead", "nothing");
        Link("loop", "loop");
        foreach (var (name, kind, size) in new[]
        {
            ("a.txt", EntryKind.File, 1L), ("sub", EntryKind.Directory, 0), ("file", EntryKind.File, 1), ("folder", EntryKind.Directory, 0),
            ("out", EntryKind.File, 6), ("dead", EntryKind.None, 0), ("loop", EntryKind.None, 0), ("nothing", EntryKind.None, 0), ("a.txt/b", EntryKind.None, 0),
        })
        {
            Assert.Equal((name, kind), (name, StatOf(Path.Combine(Root, name), out var stamp)));
            if (kind == EntryKind.File)
                Assert.Equal((size, File.GetLastWriteTimeUtc(Path.Combine(Root, name == "out" ? "../secret.txt" : "a.txt"))), (stamp.Size, stamp.ModifiedUtc));
        }
    }

    [Fact]
    public void A_length_beyond_32_bits_is_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows makes sparse files only on demand.");
        using (var file = File.Create(Path.Combine(Root, "huge")))
            file.SetLength(5L << 30);
        var opened = OpenBelow("huge", SymlinkPolicy.Inside);
        opened.Handle!.Dispose();
        Assert.Equal(5L << 30, opened.Stamp.Size);
        StatOf(Path.Combine(Root, "huge"), out var stamp);
        Assert.Equal(5L << 30, stamp.Size);
    }

    private protected abstract OpenedEntry OpenIn(string root, string relative, SymlinkPolicy policy);

    private protected abstract EntryKind StatOf(string path, out FileStamp stamp);

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _directory.Dispose();
    }

    private protected OpenedEntry OpenBelow(string relative, SymlinkPolicy policy) => OpenIn(Root, relative, policy);

    private protected string? Read(string relative, SymlinkPolicy policy) => ReadIn(Root, relative, policy);

    private protected void Link(string name, string target)
    {
        try
        {
            File.CreateSymbolicLink(Path.Combine(Root, name), target);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Assert.Skip("Links cannot be made here: " + exception.Message);
        }
    }

    private string? ReadIn(string root, string relative, SymlinkPolicy policy)
    {
        var opened = OpenIn(root, relative, policy);
        if (opened.Kind != EntryKind.File)
        {
            Assert.Null(opened.Handle);
            return null;
        }

        using SafeFileHandle handle = opened.Handle!;
        var bytes = new byte[opened.Stamp.Size];
        Assert.Equal(bytes.Length, RandomAccess.Read(handle, bytes, 0));
        return Encoding.UTF8.GetString(bytes);
    }
}
