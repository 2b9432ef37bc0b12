using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Archives;

public sealed class ArchiveRequestTests : IDisposable
{
    private const string Python =
        """
        import io, json, sys, tarfile, zipfile
        data, found = open(sys.argv[2], 'rb').read(), {}
        if sys.argv[1] == 'zip':
            archive = zipfile.ZipFile(io.BytesIO(data))
            assert archive.testzip() is None
            for entry in archive.infolist():
                found[entry.filename] = archive.read(entry).decode()
        else:
            archive = tarfile.open(fileobj=io.BytesIO(data), mode='r:')
            for entry in archive:
                assert entry.isfile() or entry.isdir(), entry
                found[entry.name + ('/' if entry.isdir() else '')] = archive.extractfile(entry).read().decode() if entry.isfile() else ''
        json.dump(found, sys.stdout)
        """;

    private readonly TempDirectory _directory = new();
    private readonly string _root;

    public ArchiveRequestTests() => _root = _directory.MakeDirectory("root");

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Formats => ["zip", "tar"];

    [Fact]
    public async Task Without_the_option_there_is_nothing_but_the_listing()
    {
        _directory.Write("root/a.txt", "a");
        await using var server = RunningServer.OfDirectory(_root);
        foreach (var target in new[] { "/?archive=zip", "/?archive=tar", "/" })
        {
            var response = await server.GetAsync(target);
            Assert.Equal("text/html; charset=utf-8", response["Content-Type"]);
            Assert.DoesNotContain("archive=", response.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_tree_of_hostile_names_comes_as_it_is_in_one_folder(string format)
    {
        var expected = WriteHostileTree();
        await using var server = Serve();
        var response = await server.GetAsync("/names/?archive=" + format);
        Assert.Equal(200, response.Status);
        Assert.Equal(format == "zip" ? "application/zip" : "application/x-tar", response["Content-Type"]);
        Assert.Equal($"attachment; filename=\"names.{format}\"", response["Content-Disposition"]);
        Assert.Equal(("no-cache", "nosniff", "chunked"), (response["Cache-Control"], response["X-Content-Type-Options"], response["Transfer-Encoding"]));
        var found = Read(format, response.Body);
        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), found.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.All(found.Keys, name => Assert.DoesNotMatch(@"(^|/)\.\.(/|$)|^/|\\|^[A-Za-z]:|[\x00-\x1f]", name));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Python_reads_it(string format)
    {
        var python = Tool.Require("python3", "python3");
        var expected = WriteHostileTree();
        await using var server = Serve();
        var archive = Path.Combine(_directory.Path, "archive");
        await File.WriteAllBytesAsync(archive, (await server.GetAsync("/names/?archive=" + format)).Body, TestContext.Current.CancellationToken);
        var (exitCode, output, errors) = await Tool.RunAsync(python, "-c", Python, format, archive);
        Assert.True(exitCode == 0, errors);
        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), JsonSerializer.Deserialize<Dictionary<string, string>>(output)!.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Unzip_and_tar_unpack_the_same_tree()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Other programs there.");
        Tool.Require("unzip", "unzip");
        var (environment, diff) = (Tool.Require("env", "coreutils"), Tool.Require("diff", "diffutils"));
        // Those that stay as they are; unzip drops C1 controls by itself.
        foreach (var name in HostileNames.All.Where(name => !name.Any(char.IsControl) && !name.Contains('\\', StringComparison.Ordinal)))
            _directory.Write($"root/tree/{name}/{name}", name);
        File.WriteAllBytes(_directory.Write("root/tree/large", ""), [.. Enumerable.Range(0, 3_000_000).Select(at => (byte)(at * at >> 7))]);
        _directory.MakeDirectory("root/tree/empty");
        await using var server = Serve();
        foreach (var format in new[] { "zip", "tar" })
        {
            var archive = Path.Combine(_directory.Path, "archive." + format);
            var folder = _directory.MakeDirectory("from-" + format);
            await File.WriteAllBytesAsync(archive, (await server.GetAsync("/tree/?archive=" + format)).Body, TestContext.Current.CancellationToken);
            string[] command = format == "zip" ? ["unzip", "-qqV", archive, "-d", folder] : ["tar", "-xf", archive, "-C", folder];
            var (exitCode, _, errors) = await Tool.RunAsync(environment, ["LC_ALL=C.UTF-8", .. command]);
            Assert.True(exitCode == 0, errors);
            var (same, differences, _) = await Tool.RunAsync(diff, "-r", Path.Combine(_root, "tree"), Path.Combine(folder, "tree"));
            Assert.True(same == 0, differences);
        }
    }

    [Fact]
    public async Task The_root_has_a_name_that_tells_nothing_and_listings_link_to_the_archives()
    {
        _directory.Write("root/sub/a.txt", "a");
        await using var server = Serve();
        Assert.Equal(["files/", "files/sub/", "files/sub/a.txt"], Read("tar", (await server.GetAsync("/?archive=tar")).Body).Keys);
        Assert.Equal("attachment; filename=\"files.zip\"", (await server.GetAsync("/?archive=zip&sort=size"))["Content-Disposition"]);
        foreach (var target in new[] { "/", "/sub/", "/?archive=rar" })
        {
            var page = (await server.GetAsync(target)).Text;
            Assert.Contains("<a href=\"?archive=zip\">", page, StringComparison.Ordinal);
            Assert.Contains("<a href=\"?archive=tar\">", page, StringComparison.Ordinal);
        }

        Assert.Equal("a", (await server.GetAsync("/sub/a.txt?archive=zip")).Text);
    }

    [Fact]
    public async Task HEAD_has_the_head_alone_and_HTTP_1_0_an_end()
    {
        _directory.Write("root/sub/a.txt", "a");
        await using var server = Serve();
        using var client = await server.ConnectAsync();
        for (var round = 0; round < 2; round++)
        {
            await client.SendAsync("HEAD /sub/?archive=zip HTTP/1.1\r\nHost: test\r\n\r\n");
            var head = await client.ReadResponseAsync(isHead: true);
            Assert.Equal((200, "application/zip", null), (head.Status, head["Content-Type"], head["Content-Length"]));
        }

        var old = await server.SendAsync("GET /sub/?archive=zip HTTP/1.0\r\n\r\n");
        Assert.Equal(["sub/", "sub/a.txt"], Read("zip", old.Body).Keys);

        // Also without its slash: nothing in an archive is relative to its address.
        Assert.Equal(["sub/", "sub/a.txt"], Read("tar", (await server.GetAsync("/sub?archive=tar")).Body).Keys);
    }

    [Fact]
    public async Task An_index_page_does_not_stand_for_an_archive_whoever_keeps_it_in_memory()
    {
        _directory.Write("root/sub/index.html", "page", TimeSpan.FromHours(1));
        var options = new HttpServerOptions { TimeProvider = new StandingTimeProvider(), Log = new RecordingLog() };
        await using var plain = RunningServer.OfDirectory(_root, options: options);
        await using var server = RunningServer.OfDirectory(_root, handler => handler.Archive = true, options);
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal("page", (await plain.GetAsync("/sub/?archive=zip")).Text);
            Assert.Equal("page", (await server.GetAsync("/sub/")).Text);
            Assert.Equal(["sub/", "sub/index.html"], Read("zip", (await server.GetAsync("/sub/?archive=zip")).Body).Keys);
            Assert.DoesNotContain("archive=", (await plain.GetAsync("/")).Text, StringComparison.Ordinal);
            Assert.Contains("archive=", (await server.GetAsync("/")).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Hidden_names_stay_hidden_and_pipes_are_no_files()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no pipes in directories.");
        _directory.Write("root/.secret", "s");
        _directory.Write("root/.git/config", "s");
        _directory.Write("root/a", "a");
        await Tool.RunAsync(Tool.Require("mkfifo", "coreutils"), Path.Combine(_root, "pipe"));
        await using var server = Serve();
        await using var hiding = RunningServer.OfDirectory(_root, handler => (handler.Archive, handler.HideDotfiles) = (true, true));
        foreach (var format in Formats.Select(row => row.Data))
        {
            Assert.Equal(["files/", "files/.git/", "files/.git/config", "files/.secret", "files/a"], Read(format, (await server.GetAsync("/?archive=" + format)).Body).Keys.Order(StringComparer.Ordinal));
            Assert.Equal(["files/", "files/a"], Read(format, (await hiding.GetAsync("/?archive=" + format)).Body).Keys.Order(StringComparer.Ordinal));
            Assert.Equal(404, (await hiding.GetAsync("/.git/?archive=" + format)).Status);
        }
    }

    [Theory]
    [InlineData(SymlinkPolicy.Inside, "t/ t/a t/file t/shared/ t/shared/deep/ t/shared/deep/b t/sub/ t/sub/c")]
    [InlineData(SymlinkPolicy.Follow, "t/ t/a t/far/ t/far/f t/file t/out t/shared/ t/shared/deep/ t/shared/deep/b t/sub/ t/sub/c")]
    [InlineData(SymlinkPolicy.Refuse, "t/ t/a t/sub/ t/sub/c")]
    public async Task Links_are_followed_by_the_policy_and_neither_in_circles_nor_twice(SymlinkPolicy policy, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        _directory.Write("root/t/a", "a");
        _directory.Write("root/t/sub/c", "c");
        _directory.Write("root/other/deep/b", "b");
        _directory.Write("outside/f", "f");
        Link("root/t/file", "../other/deep/b");
        Link("root/t/shared", "../other");
        Link("root/t/shared-again", "../other");
        Link("root/t/inner", "sub");
        Link("root/t/self", ".");
        Link("root/t/sub/round", "../../t");
        Link("root/other/back", "../t");
        Link("root/other/deep/again", "../../other");
        Link("root/t/dead", "nothing");
        Link("root/t/out", "../../outside/f");
        Link("root/t/far", "../../outside");
        await using var server = RunningServer.OfDirectory(_root, handler => (handler.Archive, handler.Symlinks) = (true, policy));
        foreach (var format in Formats.Select(row => row.Data))
            Assert.Equal(expected.Split(' '), Read(format, (await server.GetAsync("/t/?archive=" + format)).Body).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_link_to_what_the_directory_lies_in_has_an_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        _directory.Write("root/t/a", "a");
        _directory.Write("root/b", "b");
        Link("root/t/up", "..");
        for (var level = 0; level < 20; level++)
        {
            _directory.MakeDirectory("root/fan" + level);
            Link($"root/fan{level}/x", $"../fan{level + 1}");
            Link($"root/fan{level}/y", $"../fan{level + 1}");
        }

        await using var server = Serve();
        var found = Read("tar", (await server.GetAsync("/t/?archive=tar")).Body).Keys;
        Assert.Contains("t/up/b", found);
        Assert.Equal(["t/", "t/a", "t/up/", "t/up/b"], found.Where(name => !name.Contains("fan", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        // 20 levels of two links each to the next: a million ways, and each directory once.
        Assert.Equal(20, found.Count(name => name.Contains("fan", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_listing_that_a_class_refuses_is_no_archive_either()
    {
        _directory.Write("root/a", "a");
        await using var server = new RunningServer(() => new Refusing { Directory = _root, Archive = true });
        foreach (var format in Formats.Select(row => row.Data))
            Assert.Equal(403, (await server.GetAsync("/?archive=" + format)).Status);
    }

    [Fact]
    public async Task Programs_are_in_no_archive()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        _directory.Write("root/cgi-bin/secret.sh", "#!/bin/sh\n");
        _directory.Write("root/a", "a");
        _directory.MakeDirectory("root/sub");
        Link("root/sub/programs", "../cgi-bin");
        Link("root/sub/program", "../cgi-bin/secret.sh");
        await using var server = new RunningServer(() => new CgiHttpRequestHandler { Directory = _root, Archive = true });
        foreach (var format in Formats.Select(row => row.Data))
        {
            Assert.Equal(["files/", "files/a", "files/sub/"], Read(format, (await server.GetAsync("/?archive=" + format)).Body).Keys.Order(StringComparer.Ordinal));
            Assert.NotEqual(200, (await server.GetAsync("/cgi-bin/?archive=" + format)).Status);
            Assert.Equal(404, (await server.GetAsync("/sub/programs/?archive=" + format)).Status);
        }
    }

    [Fact]
    public async Task An_archive_with_a_file_that_becomes_shorter_breaks_off()
    {
        _directory.Write("root/a", new string('a', 1_000_000));
        _directory.Write("root/b", new string('b', 1_000_000));
        await using var server = new RunningServer(() => new SimpleHttpRequestHandler { Directory = _root, Archive = true, Opened = ShortenB });
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET /?archive=tar HTTP/1.1\r\nHost: test\r\n\r\n");
        var ended = await Assert.ThrowsAsync<EndOfStreamException>(() => client.ReadResponseAsync());
        Assert.DoesNotContain("\r\n0\r\n\r\n", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_that_has_not_begun_to_be_sent_is_made_anew()
    {
        _directory.Write("root/b", "small");
        await using var server = new RunningServer(() => new SimpleHttpRequestHandler { Directory = _root, Archive = true, Opened = ShortenB });
        var answer = await server.GetAsync("/?archive=tar");
        Assert.Equal(200, answer.Status);
        using var tar = new System.Formats.Tar.TarReader(new MemoryStream(answer.Body));
        Assert.Equal(["files/", "files/b"], [tar.GetNextEntry()!.Name, tar.GetNextEntry()!.Name]);
    }

    [Fact]
    public async Task Times_that_an_archive_cannot_hold_are_the_nearest_that_it_can()
    {
        // What the file system made of them: not every one goes beyond 2038.
        int[] years = [.. new[] { 1902, 1979, 2021, 2200 }.Select(year =>
        {
            var path = _directory.Write("root/y" + year, "x");
            File.SetLastWriteTimeUtc(path, new DateTime(year, 6, 1, 12, 30, 20, DateTimeKind.Utc));
            return File.GetLastWriteTimeUtc(path).Year;
        })];
        await using var server = Serve();
        using var zip = new ZipArchive(new MemoryStream((await server.GetAsync("/?archive=zip")).Body));
        Assert.Equal(years.Select(year => Math.Clamp(year, 1980, 2107)), zip.Entries.Where(entry => entry.Name != "").Select(entry => entry.LastWriteTime.Year));
        using var tar = new TarReader(new MemoryStream((await server.GetAsync("/?archive=tar")).Body));
        var found = new List<int>();
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType == TarEntryType.RegularFile)
                found.Add(entry.ModificationTime.UtcDateTime.Year);
        }

        Assert.Equal(years.Select(year => Math.Max(year, 1970)), found);
    }

    /// <summary>Some 4.4 GB pass through here: too much for every run.</summary>
    [Theory(Explicit = true)]
    [MemberData(nameof(Formats))]
    public async Task A_file_beyond_4_GiB_is_whole(string format)
    {
        const long Size = 4_400_000_000;
        var python = Tool.Require("python3", "python3");
        using (var file = File.Create(Path.Combine(_root, "sparse")))
            file.SetLength(Size);
        _directory.Write("root/z", "the end");
        await using var server = Serve();
        var archive = Path.Combine(_directory.Path, "archive");
        var (exitCode, _, errors) = await Tool.RunAsync(Tool.Require("curl", "curl"), "-sfo", archive, $"{server.Url}/?archive={format}");
        Assert.True(exitCode == 0, errors);
        (exitCode, var output, errors) = await Tool.RunAsync(python, "-c",
            "import sys,zipfile,tarfile\n"
            + "if sys.argv[1] == 'zip': print([(entry.filename, entry.file_size) for entry in zipfile.ZipFile(sys.argv[2]).infolist()][1:])\n"
            + "else: print([(entry.name, entry.size) for entry in tarfile.open(sys.argv[2])][1:])", format, archive);
        Assert.True(exitCode == 0, errors);
        Assert.Equal($"[('files/sparse', {Size}), ('files/z', 7)]", output.Trim());
    }

    private RunningServer Serve() => RunningServer.OfDirectory(_root, handler => handler.Archive = true);

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(_directory.Path, name), target);

    /// <summary>Writes files and directories of all hostile names.</summary>
    /// <returns>What an archive of it is to hold: names, and what is in the files.</returns>
    private Dictionary<string, string> WriteHostileTree()
    {
        var expected = new Dictionary<string, string> { ["names/"] = "" };
        foreach (var name in HostileNames.All)
        {
            _directory.Write($"root/names/{name}/{name}", name);
            var safe = string.Concat(name.Select(character => character is < ' ' or '\\' or '\u007f' ? $"%{(int)character:X2}" : character.ToString()));
            expected[$"names/{safe}/"] = "";
            expected[$"names/{safe}/{safe}"] = name;
        }

        // The name that one of them gets is another one's already.
        if (!OperatingSystem.IsWindows())
        {
            _directory.Write("root/names/%5C/twin", "twin");
            expected["names/%5C/"] = "";
            expected["names/%5C/twin"] = "twin";
            expected.Remove("names/%5C/%5C");
            expected["names/%5C_/"] = "";
            expected["names/%5C_/%5C"] = "\\";
        }

        return expected;
    }

    private static Dictionary<string, string> Read(string format, byte[] archive)
    {
        var found = new Dictionary<string, string>();
        if (format == "zip")
        {
            using var zip = new ZipArchive(new MemoryStream(archive));
            foreach (var entry in zip.Entries)
            {
                using var reader = new StreamReader(entry.Open());
                found.Add(entry.FullName, reader.ReadToEnd());
            }

            return found;
        }

        using var tar = new TarReader(new MemoryStream(archive));
        while (tar.GetNextEntry() is { } entry)
        {
            Assert.True(entry.EntryType is TarEntryType.RegularFile or TarEntryType.Directory);
            using var content = entry.DataStream ?? Stream.Null;
            using var reader = new StreamReader(content);
            found.Add(entry.Name, reader.ReadToEnd());
        }

        return found;
    }

    /// <summary>The file <c>b</c> becomes shorter as soon as it has been opened.</summary>
    private static void ShortenB(string path)
    {
        if (Path.GetFileName(path) == "b")
            File.WriteAllText(path, "b");
    }

    private sealed class Refusing : SimpleHttpRequestHandler
    {
        protected override FileContent? ListDirectory(string path)
        {
            SendError(403);
            return null;
        }
    }
}
