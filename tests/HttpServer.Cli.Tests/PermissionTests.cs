using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>
/// What is there and may not be read: clients see 404, archives name it, and the log says why. Root may read everything, so where the tests run as
/// root the server runs without that right, which util-linux's <c>setpriv</c> takes away.
/// </summary>
public sealed class PermissionTests : IDisposable
{
    private const string NoRights = "-dac_override,-dac_read_search";

    private readonly TempDirectory _folder = new();

    public PermissionTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        _folder.Write("open.txt", "open");
        _folder.Write("secret.txt", "secret");
        _folder.Write("closed/inside.txt", "inside");
        _folder.Write("passed/known.txt", "known");
        _folder.Write("sub/open.txt", "open");
        _folder.Write("sub/a\u001b\\b\u00e4", "secret");
        _folder.Write("pages/index.html", "secret");
        _folder.Write("pages/open.txt", "open");
        _folder.Write("squeezed/app.js", "plain");
        _folder.Write("squeezed/app.js.gz", "secret");
        SetMode("secret.txt", UnixFileMode.None);
        SetMode("sub/a\u001b\\b\u00e4", UnixFileMode.None);
        SetMode("pages/index.html", UnixFileMode.None);
        SetMode("squeezed/app.js.gz", UnixFileMode.None);
        SetMode("closed", UnixFileMode.None);
        SetMode("passed", UnixFileMode.UserExecute);
    }

    /// <summary>What an archive of all lacks, and what its note says of each.</summary>
    private static string[] Lacking => ["files/closed/", "files/pages/index.html", "files/passed/", "files/secret.txt", "files/squeezed/app.js.gz", "files/sub/a%1B%5Cb\u00e4"];

    public void Dispose()
    {
        foreach (var name in new[] { "closed", "passed" })
            SetMode(name, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _folder.Dispose();
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public async Task An_archive_names_what_it_lacks_and_the_log_says_so(string format)
    {
        await using var program = await ServeAsync("--archive");
        var files = Unpack(format, (await program.GetAsync($"/?archive={format}")).Body);
        Assert.Equal("files/httpserver-skipped.txt", files[^1].Name);
        Assert.StartsWith("The server may not read:\n", files[^1].Text, StringComparison.Ordinal);
        Assert.Equal(Lacking, files[^1].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Order(StringComparer.Ordinal));
        Assert.Equal(
            ["files/open.txt", "files/pages/open.txt", "files/squeezed/app.js", "files/sub/open.txt"],
            files[..^1].Select(file => file.Name).Where(name => !name.EndsWith('/')).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(files, file => file.Text == "secret");
        var line = Assert.Single((await program.StopAsync()).ErrorLines, line => line.Contains("archive lacks", StringComparison.Ordinal));
        Assert.Contains(Lacking, name => line.EndsWith($"An archive lacks {Lacking.Length} items that cannot be read: {name}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_of_the_notes_name_is_no_note()
    {
        _folder.Write("sub/httpserver-skipped.txt", "a user's");
        await using var program = await ServeAsync("--archive");
        var files = Unpack("zip", (await program.GetAsync("/sub/?archive=zip")).Body);
        Assert.Equal("a user's", files.Single(file => file.Name == "sub/httpserver-skipped.txt").Text);
        Assert.Equal(("sub/httpserver-skipped.txt_", "The server may not read:\nsub/a%1B%5Cb\u00e4\n"), files[^1]);
        Assert.EndsWith("An archive lacks an item that cannot be read: sub/a%1B%5Cb\u00e4", (await program.StopAsync()).ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_of_what_can_be_read_has_no_note()
    {
        SetMode("sub/a\u001b\\b\u00e4", UnixFileMode.UserRead);
        await using var program = await ServeAsync("--archive");
        Assert.Equal(["sub/", "sub/a%1B%5Cb\u00e4", "sub/open.txt"], Unpack("zip", (await program.GetAsync("/sub/?archive=zip")).Body).Select(file => file.Name).Order());
        Assert.DoesNotContain("lacks", (await program.StopAsync()).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/secret.txt", 404, "secret.txt")]
    [InlineData("/sub/a%1B%5Cb%C3%A4", 404, @"sub/a\x1b\\bä")]
    [InlineData("/closed/inside.txt", 404, "closed/inside.txt")]
    [InlineData("/closed/nothing", 404, "closed/nothing")]
    [InlineData("/closed/", 404, "closed")]
    [InlineData("/passed/", 404, "passed")]
    [InlineData("/passed/?archive=zip", 404, "passed")]
    [InlineData("/pages/", 200, "pages/index.html")]
    [InlineData("/squeezed/app.js", 200, "squeezed/app.js.gz")]
    [InlineData("/passed/known.txt", 200, null)]
    [InlineData("/passed/nothing", 404, null)]
    [InlineData("/nothing", 404, null)]
    [InlineData("/", 200, null)]
    public async Task The_log_says_why_a_client_sees_nothing(string target, int status, string? denied)
    {
        await using var program = await ServeAsync("--archive");
        var response = await program.GetAsync(target, "Accept-Encoding: gzip\r\n");
        Assert.Equal(status, response.Status);
        var told = (await program.StopAsync()).ErrorLines.Where(line => line.Contains("No permission to read", StringComparison.Ordinal)).ToList();
        if (denied is null)
            Assert.Empty(told);
        else
            Assert.EndsWith($"No permission to read {_folder.Path}/{denied}", Assert.Single(told), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--spa|index.html", "/somewhere", "index.html")]
    [InlineData("", "/nothing", "404.html")]
    public async Task The_log_says_why_a_page_does_not_stand_in(string arguments, string target, string page)
    {
        _folder.Write(page, "page");
        await using var program = await ServeAsync(arguments.Split('|', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("page", (await program.GetAsync(target)).Text);
        SetMode(page, UnixFileMode.None);
        File.SetLastWriteTimeUtc(Path.Combine(_folder.Path, page), DateTime.UtcNow.AddMinutes(-1));
        Assert.Equal(404, (await program.GetAsync(target)).Status);
        Assert.Single((await program.StopAsync()).ErrorLines, line => line.EndsWith($"No permission to read {_folder.Path}/{page}", StringComparison.Ordinal));
    }

    private static List<(string Name, string Text)> Unpack(string format, byte[] archive)
    {
        var files = new List<(string, string)>();
        if (format == "zip")
        {
            using var zip = new ZipArchive(new MemoryStream(archive));
            foreach (var entry in zip.Entries)
                files.Add((entry.FullName, Read(entry.Open())));
            return files;
        }

        using var tar = new TarReader(new MemoryStream(archive));
        while (tar.GetNextEntry() is { } entry)
            files.Add((entry.Name, entry.DataStream is null ? "" : Read(entry.DataStream)));
        return files;
    }

    private static string Read(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private void SetMode(string name, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(_folder.Path, name), mode);
    }

    private async Task<ServerProgram> ServeAsync(params string[] arguments)
    {
        string[] all = ["0", "-b", "127.0.0.1", "-d", _folder.Path, .. arguments];
        if (!Environment.IsPrivilegedProcess)
            return await ServerProgram.ServeAsync(all);
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Root may read everything: run the tests as another user.");
        var setpriv = Tool.Require("setpriv", "util-linux");
        var program = ServerProgram.StartInShell(
            $"exec {setpriv} --bounding-set {NoRights} {ServerProgram.Launcher}\"$0\" {string.Join(' ', all.Select(argument => $"'{argument}'"))}");
        await program.WaitForAnnouncementAsync();
        return program;
    }
}
