using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>Names that are not UTF-8, which Unix takes like any other.</summary>
public sealed partial class RawNameTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Stack<string> _made = new();

    public RawNameTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Names are text here.");
        Write("caf\xe9.txt", "latin");
        Write("\xff\xfe", "bytes");
        Write("\xc0\xae\xc0\xae", "overlong");
        _directory.Write("caf\uFFFD.txt", "replacement");
        MakeDirectory("d\xe9");
        Write("d\xe9/in\xe9", "below");
    }

    public void Dispose()
    {
        // .NET cannot name these.
        while (_made.TryPop(out var name))
            _ = Remove(Bytes($"{_directory.Path}/{name}"));
        _directory.Dispose();
    }

    [Theory]
    [InlineData("/caf%E9.txt", "latin")]
    [InlineData("/%ff%FE", "bytes")]
    [InlineData("/%C0%AE%C0%AE", "overlong")]
    [InlineData("/d%E9/in%E9", "below")]
    [InlineData("/caf%EF%BF%BD.txt", "replacement")]
    public async Task A_file_is_served_by_the_bytes_of_its_name(string target, string content)
    {
        foreach (var policy in Enum.GetValues<SymlinkPolicy>())
        {
            await using var server = RunningServer.OfDirectory(_directory.Path, handler => (handler.Symlinks, handler.HideDotfiles) = (policy, policy == SymlinkPolicy.Inside));
            var response = await server.GetAsync(target);
            Assert.Equal((200, content), (response.Status, response.Text));
        }
    }

    [Fact]
    public async Task A_listing_links_to_it_by_its_bytes()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var page = (await server.GetAsync("/")).Text;
        Assert.Contains("<a href=\"caf%E9.txt\">caf\uFFFD.txt</a>", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"caf%EF%BF%BD.txt\">caf\uFFFD.txt</a>", page, StringComparison.Ordinal);
        Assert.Contains("href=\"d%E9/\"", page, StringComparison.Ordinal);
        var entries = JsonDocument.Parse((await server.GetAsync("/?format=json")).Body).RootElement.EnumerateArray()
            .ToDictionary(entry => entry.GetProperty("link").GetString()!, entry => entry.GetProperty("name").GetString());
        Assert.Equal("caf\uFFFD.txt", entries["caf%E9.txt"]);
        Assert.Equal("\uFFFD\uFFFD", entries["%FF%FE"]);
        Assert.Equal(["caf\\xe9.txt", "caf\uFFFD.txt", "d\\xe9/", "\\xc0\\xae\\xc0\\xae", "\\xff\\xfe"],
            (await server.GetAsync("/?format=text")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).OrderBy(name => name[0] == '\\').ThenBy(name => name, StringComparer.Ordinal));
        Assert.Equal("/d%E9/", (await server.GetAsync("/d%E9"))["Location"]);
    }

    [Fact]
    public async Task An_archive_has_it_with_its_bytes_percent_encoded()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path, handler => handler.Archive = true);
        using var zip = new ZipArchive(new MemoryStream((await server.GetAsync("/?archive=zip")).Body));
        Assert.Equal(
            ["%C0%AE%C0%AE", "%FF%FE", "caf%E9.txt", "caf\uFFFD.txt", "d%E9/", "d%E9/in%E9"],
            zip.Entries.Select(entry => entry.FullName[(entry.FullName.IndexOf('/', StringComparison.Ordinal) + 1)..]).Where(name => name != "").Order(StringComparer.Ordinal));
        using var tar = new TarReader(new MemoryStream((await server.GetAsync("/d%E9/?archive=tar")).Body));
        Assert.Equal("d%E9/", tar.GetNextEntry()!.Name);
        var file = tar.GetNextEntry()!;
        using var reader = new StreamReader(file.DataStream!);
        Assert.Equal(("d%E9/in%E9", "below"), (file.Name, reader.ReadToEnd()));
    }

    [Fact]
    public async Task A_link_to_it_is_followed()
    {
        Assert.Equal(0, SymLink(Bytes("caf\xe9.txt"), Bytes(_directory.Path + "/link")));
        await using var server = RunningServer.OfDirectory(_directory.Path, handler => handler.HideDotfiles = true);
        Assert.Equal("latin", (await server.GetAsync("/link")).Text);
    }

    [Theory]
    [InlineData("/new%E9")]
    [InlineData("/d%E9/new")]
    public async Task Nothing_is_uploaded_to_such_a_path(string target)
    {
        await using var server = RunningServer.OfDirectory(_directory.Path, handler => handler.AllowUpload = true);
        Assert.Equal(400, (await server.SendAsync(UploadSite.Put(target, "x"))).Status);
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text + "\0");

    private void MakeDirectory(string name)
    {
        Assert.SkipUnless(MakeDirectory(Bytes($"{_directory.Path}/{name}"), 511) == 0, "The file system wants UTF-8.");
        _made.Push(name);
    }

    private void Write(string name, string content)
    {
        var from = _directory.Write("tmp", content);
        Assert.SkipUnless(Rename(Bytes(from), Bytes($"{_directory.Path}/{name}")) == 0, "The file system wants UTF-8.");
        _made.Push(name);
    }

    [LibraryImport("libc", EntryPoint = "rename")]
    private static partial int Rename(byte[] from, byte[] to);

    [LibraryImport("libc", EntryPoint = "remove")]
    private static partial int Remove(byte[] path);

    [LibraryImport("libc", EntryPoint = "mkdir")]
    private static partial int MakeDirectory(byte[] path, uint mode);

    [LibraryImport("libc", EntryPoint = "symlink")]
    private static partial int SymLink(byte[] target, byte[] path);
}
