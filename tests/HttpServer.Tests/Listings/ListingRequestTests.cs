using System.Globalization;
using System.Net;
using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Listings;

public sealed class ListingRequestTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_link_of_a_listing_opens_that_very_file()
    {
        foreach (var name in HostileNames.All)
            File.WriteAllText(Path.Combine(_directory.Path, name), "content of " + name);
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var links = Listing.LinksOf((await server.GetAsync("/")).Text, "/");
        Assert.Equal(HostileNames.All.Count(), links.Count);
        var found = new List<string>();
        foreach (var (target, _) in links)
        {
            var response = await server.GetAsync(target);
            Assert.Equal(200, response.Status);
            found.Add(response.Text);
        }

        Assert.Equal(HostileNames.All.Select(name => "content of " + name).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_link_to_a_directory_opens_its_listing_and_leads_on_and_back()
    {
        foreach (var name in HostileNames.All)
            _directory.Write(Path.Combine(name, name), "content of " + name);
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var found = new List<string>();
        foreach (var (target, text) in Listing.LinksOf((await server.GetAsync("/")).Text, "/"))
        {
            Assert.EndsWith("/", target, StringComparison.Ordinal);
            Assert.EndsWith("/", text, StringComparison.Ordinal);
            var page = await server.GetAsync(target);
            Assert.Equal(200, page.Status);
            var links = Listing.LinksOf(page.Text, target);
            Assert.Equal(("/", "../"), links[0]);
            found.Add((await server.GetAsync(Assert.Single(links.Skip(1)).Target)).Text);

            // Without its slash the directory redirects to this very target.
            var redirect = await server.GetAsync(target[..^1]);
            Assert.Equal((301, target), (redirect.Status, redirect["Location"]));
        }

        Assert.Equal(HostileNames.All.Select(name => "content of " + name).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Names_are_text_and_never_markup()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        _directory.Write("<img src=x onerror=alert(1)>", "");
        _directory.MakeDirectory("\"><script>alert(1)<");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var page = (await server.GetAsync("/")).Text;
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt;", page, StringComparison.Ordinal);
        Assert.Contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/", page, StringComparison.Ordinal);
        var inner = (await server.GetAsync("/%22%3E%3Cscript%3Ealert(1)%3C/")).Text;
        Assert.Contains("<title>Directory listing for /&quot;&gt;&lt;script&gt;alert(1)&lt;/</title>", inner, StringComparison.Ordinal);
        // The page's own script, and no other.
        Assert.Equal(2, page.Split("<script").Length);
        Assert.Equal(2, inner.Split("<script").Length);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_says_what_it_is_and_may_load_nothing()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync("/");
        Assert.Equal(200, response.Status);
        Assert.Equal("text/html; charset=utf-8", response["Content-Type"]);
        Assert.Equal("nosniff", response["X-Content-Type-Options"]);
        Assert.StartsWith("default-src 'none';", response["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", response["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal("no-cache", response["Cache-Control"]);
        Assert.Equal(response.Body.Length.ToString(CultureInfo.InvariantCulture), response["Content-Length"]);
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">\n", response.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(_directory.Path, response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_policy_names_the_style_and_the_script_of_the_page()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync("/");
        Assert.Equal(
            $"default-src 'none'; style-src '{HashOf("style")}'; script-src '{HashOf("script")}'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            response["Content-Security-Policy"]);

        await using var taking = RunningServer.OfDirectory(_directory.Path, static handler => handler.AllowUpload = true);
        response = await taking.GetAsync("/");
        Assert.Equal(
            $"default-src 'none'; style-src '{HashOf("style")}' '{HashOf("style", 2)}'; script-src '{HashOf("script")}' '{HashOf("script", 2)}'; img-src data:; "
            + "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            response["Content-Security-Policy"]);

        string HashOf(string element, int number = 1)
        {
            var text = response.Text.Split($"<{element}>")[number].Split($"</{element}>")[0];
            return "sha256-" + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }
    }

    [Fact]
    public async Task Directories_have_a_slash_links_an_at_sign_and_files_their_size_and_date()
    {
        var local = new DateTime(2021, 3, 4, 5, 6, 7, DateTimeKind.Local);
        File.SetLastWriteTime(_directory.Write("file", new string('x', 1536)), local);
        _directory.MakeDirectory("folder");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        List<string> expected = TryLink("to-file", "file") && TryLink("to-folder", "folder")
            ? ["folder/", "to-folder@", "file", "to-file@"]
            : ["folder/", "file"];
        var page = (await server.GetAsync("/")).Text;
        Assert.Equal(expected, Listing.NamesOf(page));
        Assert.Contains("<a href=\"file\">file</a><td title=\"1,536 bytes\">1.5 KiB<td><time>2021-03-04 05:06", page, StringComparison.Ordinal);
        Assert.Contains("<a href=\"folder/\">folder/</a><td><td><time>20", page, StringComparison.Ordinal);
        if (expected.Count == 4)
            Assert.Contains("<a href=\"to-folder/\">to-folder@</a><td><td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_in_order_whatever_their_case()
    {
        foreach (var name in new[] { "b", "A", "c", "B2", "a1", "_", "É" })
            _directory.Write(name, "");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal(["A", "a1", "b", "B2", "c", "_", "É"], Listing.NamesOf((await server.GetAsync("/")).Text));
    }

    [Fact]
    public async Task Dead_links_and_loops_are_left_out()
    {
        Assert.SkipUnless(TryLink("dead", "nothing") && TryLink("loop", "loop"), "Links cannot be made here.");
        _directory.Write("alive", "");
        foreach (var policy in Enum.GetValues<SymlinkPolicy>())
        {
            await using var server = RunningServer.OfDirectory(_directory.Path, handler => handler.Symlinks = policy);
            Assert.Equal(["alive"], Listing.NamesOf((await server.GetAsync("/")).Text));
        }
    }

    [Fact]
    public async Task Hidden_files_are_shown_unless_the_handler_hides_them()
    {
        _directory.Write(".secret", "s");
        _directory.Write(".git/config", "s");
        _directory.Write("sub/.env", "s");
        _directory.Write("a", "a");
        var options = new HttpServerOptions { TimeProvider = new StandingTimeProvider(), Log = new RecordingLog() };
        await using var open = RunningServer.OfDirectory(_directory.Path, options: options);
        await using var hiding = RunningServer.OfDirectory(_directory.Path, handler => handler.HideDotfiles = true, options);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal([".git/", "sub/", ".secret", "a"], Listing.NamesOf((await open.GetAsync("/")).Text));
            Assert.Equal("s", (await open.GetAsync("/.secret")).Text);
            Assert.Equal("s", (await open.GetAsync("/.git/config")).Text);
            Assert.Equal(["sub/", "a"], Listing.NamesOf((await hiding.GetAsync("/")).Text));
            Assert.Equal("a", (await hiding.GetAsync("/a")).Text);
            foreach (var target in new[] { "/.secret", "/%2esecret", "/.git/config", "/.git", "/.git/", "/sub/.env", "/sub/../.secret" })
                Assert.Equal("HTTP/1.1 404 File not found", (await hiding.GetAsync(target)).StatusLine);
        }
    }

    [Fact]
    public async Task An_unreadable_directory_is_not_found()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("root, and Windows in this way, can read every directory.");
            return;
        }

        var path = _directory.MakeDirectory("closed");
        _directory.Write("closed/a.txt", "a");
        _directory.Write("page/index.html", "page");
        File.SetUnixFileMode(path, UnixFileMode.UserExecute);
        File.SetUnixFileMode(Path.Combine(_directory.Path, "page"), UnixFileMode.UserExecute);
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync("/closed/");
        // What may be passed but not read still has its files, and its index page.
        var file = await server.GetAsync("/closed/a.txt");
        var page = await server.GetAsync("/page/");
        var redirect = await server.GetAsync("/page");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.SetUnixFileMode(Path.Combine(_directory.Path, "page"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal("HTTP/1.1 404 No permission to list directory", response.StatusLine);
        Assert.Equal(("a", "page", "/page/"), (file.Text, page.Text, redirect["Location"]));
    }

    [Theory]
    [InlineData("/<script>alert(1)<script>")]
    [InlineData("/%3Cscript%3E")]
    [InlineData("/%22onmouseover=%22x")]
    [InlineData("/%")]
    [InlineData("/../<script>")]
    public async Task An_error_page_reflects_nothing_and_may_run_nothing(string target)
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync(target, "X-Evil: <script>\r\n");
        Assert.InRange(response.Status, 400, 404);
        Assert.DoesNotContain("script", response.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("onmouseover", response.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(_directory.Path, response.Text, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none';", response["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal("nosniff", response["X-Content-Type-Options"]);
        Assert.StartsWith("<!DOCTYPE html>", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_method_is_told_escaped()
    {
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.SendAsync("A'B&C / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(501, response.Status);
        Assert.Contains("(&#x27;A&#x27;B&amp;C&#x27;)", response.Text, StringComparison.Ordinal);
        Assert.Equal("Unsupported method ('A'B&C')", WebUtility.HtmlDecode(response.Text.Split("<h1>501 ")[1].Split("</h1>")[0]));
    }

    [Fact]
    public async Task Extra_headers_are_in_every_answer_and_take_the_place_of_the_servers_own()
    {
        _directory.Write("a.txt", "hello");
        _directory.MakeDirectory("sub");
        await using var server = RunningServer.OfDirectory(_directory.Path, handler => handler.ExtraHeaders =
        [
            new("X-One", "1"), new("cache-control", "max-age=60"), new("Link", "a"), new("Link", "b"), new("Content-Security-Policy", "sandbox"),
        ]);
        (string Target, string Headers, int Status)[] cases =
        [
            ("/a.txt", "", 200), ("/", "", 200), ("/sub", "", 301), ("/nothing", "", 404), ("/a.txt", "If-None-Match: *\r\n", 304),
            ("/a.txt", "If-Match: \"x\"\r\n", 412), ("/a.txt", "Range: bytes=0-0\r\n", 206), ("/a.txt", "Range: bytes=9-\r\n", 416), ("/%", "", 400),
        ];
        foreach (var (target, headers, status) in cases)
            Check(await server.GetAsync(target, headers), status);
        Check(await server.SendAsync("SPAM / HTTP/1.1\r\nHost: test\r\n\r\n"), 501);
        Check(await server.SendAsync("GET / HTTP/1.1\r\n\r\n"), 400);
        Check(await server.SendAsync("OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n"), 204);

        static void Check(RawResponse response, int status)
        {
            Assert.Equal((status, "1", "max-age=60", "sandbox"),
                (response.Status, response["X-One"], response["Cache-Control"], response["Content-Security-Policy"]));
            Assert.Equal(["a", "b"], response.Headers.Where(header => header.Key == "Link").Select(header => header.Value));
        }
    }

    private bool TryLink(string name, string target)
    {
        try
        {
            File.CreateSymbolicLink(Path.Combine(_directory.Path, name), target);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
