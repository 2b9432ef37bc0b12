using System.Text.Json;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Listings;

/// <summary>A directory in other forms and orders than the page's own.</summary>
public sealed class ListingFormatTests : IDisposable
{
    private const string OfBrowser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(null, "text/html; charset=utf-8")]
    [InlineData("*/*", "text/html; charset=utf-8")]
    [InlineData(OfBrowser, "text/html; charset=utf-8")]
    [InlineData("application/json", "application/json")]
    [InlineData("text/plain", "text/plain; charset=utf-8")]
    [InlineData("application/json, text/plain, */*", "application/json")]
    [InlineData("image/png", "text/html; charset=utf-8")]
    [InlineData("text/html;q=0.2\r\nAccept: application/json;q=0.3", "application/json")]
    public async Task The_Accept_header_chooses_and_memory_tells_apart_what_it_chose(string? accept, string type)
    {
        _directory.Write("a", "");
        await using var server = RunningServer.OfDirectory(_directory.Path, options: new() { TimeProvider = new StandingTimeProvider() });
        for (var round = 0; round < 3; round++)
        {
            var response = await server.GetAsync("/", accept is null ? "" : $"Accept: {accept}\r\n");
            Assert.Equal((200, type, "nosniff"), (response.Status, response["Content-Type"], response["X-Content-Type-Options"]));
            Assert.Contains("Accept", response["Vary"]!.Split(", "));
            Assert.Equal(type.StartsWith("text/html", StringComparison.Ordinal), response["Content-Security-Policy"] is not null);
            // In between, others ask for the others.
            Assert.StartsWith("[", (await server.GetAsync("/", "Accept: application/json\r\n")).Text, StringComparison.Ordinal);
            Assert.Equal("a\n", (await server.GetAsync("/", "Accept: text/plain\r\n")).Text);
            Assert.StartsWith("<!DOCTYPE", (await server.GetAsync("/")).Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("html", "text/html; charset=utf-8")]
    [InlineData("json", "application/json")]
    [InlineData("text", "text/plain; charset=utf-8")]
    public async Task The_query_goes_before_the_Accept_header(string format, string type)
    {
        await using var server = RunningServer.OfDirectory(_directory.Path, options: new() { TimeProvider = new StandingTimeProvider() });
        foreach (var accept in new[] { "", "Accept: text/html\r\n", "Accept: application/json\r\n", "Accept: text/plain\r\n" })
        {
            var response = await server.GetAsync($"/?format={format}", accept);
            Assert.Equal(type, response["Content-Type"]);
            Assert.DoesNotContain("Accept", (response["Vary"] ?? "").Split(", "));
            var head = await server.SendAsync($"HEAD /?format={format} HTTP/1.1\r\nHost: test\r\n{accept}\r\n");
            Assert.Equal((type, response["Content-Length"]), (head["Content-Type"], head["Content-Length"]));
        }
    }

    [Theory]
    [InlineData("xml")]
    [InlineData("")]
    [InlineData("JSON")]
    [InlineData("%3Cscript%3E")]
    public async Task An_unknown_format_is_refused_in_plain_words(string format)
    {
        _directory.Write("page/index.html", "page");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        var response = await server.GetAsync($"/?format={format}");
        Assert.Equal("HTTP/1.1 400 Unknown format of a listing", response.StatusLine);
        Assert.Contains("html, json or text", response.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("script", response.Text, StringComparison.OrdinalIgnoreCase);
        // Where there is no listing the parameter is the page's own.
        Assert.Equal("page", (await server.GetAsync($"/page/?format={format}")).Text);
    }

    [Fact]
    public async Task JSON_has_everything_that_a_program_needs()
    {
        var time = new DateTime(2021, 3, 4, 5, 6, 7, DateTimeKind.Utc);
        var expected = new Dictionary<string, string>();
        foreach (var name in HostileNames.All)
        {
            File.SetLastWriteTimeUtc(_directory.Write("root/" + name, "content of " + name), time);
            expected[name] = "content of " + name;
        }

        _directory.MakeDirectory("root/folder &");
        var hasLink = !OperatingSystem.IsWindows();
        if (hasLink)
            File.CreateSymbolicLink(Path.Combine(_directory.Path, "root", "link"), "folder &");
        await using var server = RunningServer.OfDirectory(Path.Combine(_directory.Path, "root"));
        var response = await server.GetAsync("/?format=json");
        Assert.DoesNotContain('<', response.Text);
        var entries = JsonDocument.Parse(response.Body).RootElement.EnumerateArray().ToList();
        var folder = entries.Single(entry => entry.GetProperty("name").GetString() == "folder &");
        Assert.Equal(("directory", "folder%20%26/", false), (folder.GetProperty("type").GetString(), folder.GetProperty("link").GetString(), folder.TryGetProperty("size", out _)));
        if (hasLink)
        {
            var link = entries.Single(entry => entry.GetProperty("name").GetString() == "link");
            Assert.Equal(("directory", true), (link.GetProperty("type").GetString(), link.GetProperty("symlink").GetBoolean()));
        }

        var files = entries.Where(entry => entry.GetProperty("type").GetString() == "file").ToList();
        Assert.Equal(expected.Count, files.Count);
        foreach (var file in files)
        {
            var content = await server.GetAsync("/" + file.GetProperty("link").GetString());
            Assert.Equal(expected[file.GetProperty("name").GetString()!], content.Text);
            Assert.Equal(content.Body.Length, file.GetProperty("size").GetInt64());
            Assert.Equal("2021-03-04T05:06:07Z", file.GetProperty("modified").GetString());
            Assert.False(file.TryGetProperty("symlink", out _));
        }
    }

    [Fact]
    public async Task Text_has_a_line_for_each_name_whatever_is_in_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        _directory.Write("two\nlines", "");
        _directory.Write("esc\u001b[31m", "");
        _directory.Write("back\\slash", "");
        _directory.Write("日本語", "");
        _directory.Write("sub/x", "");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal("sub/\nback\\\\slash\nesc\\x1b[31m\ntwo\\x0alines\n日本語\n", (await server.GetAsync("/?format=text")).Text);
    }

    [Theory]
    [InlineData("", "d1/ d2/ f1 f2 f10")]
    [InlineData("sort=name", "d1/ d2/ f1 f2 f10")]
    [InlineData("sort=-name", "d2/ d1/ f10 f2 f1")]
    [InlineData("sort=size", "d1/ d2/ f2 f10 f1")]
    [InlineData("sort=-size", "d1/ d2/ f1 f10 f2")]
    [InlineData("sort=date", "d2/ d1/ f10 f1 f2")]
    [InlineData("x=y&sort=-date", "d1/ d2/ f2 f1 f10")]
    [InlineData("sort=colour", "d1/ d2/ f1 f2 f10")]
    [InlineData("sort=--size", "d1/ d2/ f1 f2 f10")]
    [InlineData("sort=-", "d1/ d2/ f1 f2 f10")]
    [InlineData("sort=&sort=-size", "d1/ d2/ f1 f2 f10")]
    public async Task The_query_sorts_in_each_form(string query, string expected)
    {
        // Sizes: f2, f10, f1. Dates: d2, d1; f10, f1, f2.
        Write("f1", 3, 2);
        Write("f2", 1, 3);
        Write("f10", 2, 1);
        foreach (var (name, day) in new[] { ("d1", 2), ("d2", 1) })
            Directory.SetLastWriteTimeUtc(_directory.MakeDirectory(name), new DateTime(2021, 1, day, 0, 0, 0, DateTimeKind.Utc));
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal(expected.Split(' '), (await server.GetAsync($"/?{query}&format=text")).Text.TrimEnd().Split('\n'));
        var page = (await server.GetAsync("/?" + query)).Text;
        Assert.Equal(expected.Split(' '), Listing.BodyOf(page).Split("\">").Where(text => text.Contains("</a>", StringComparison.Ordinal)).Select(text => text.Split("</a>")[0]));

        void Write(string name, int size, int day) =>
            File.SetLastWriteTimeUtc(_directory.Write(name, new string('x', size)), new DateTime(2021, 1, day, 0, 0, 0, DateTimeKind.Utc));
    }

    [Fact]
    public async Task A_redirect_to_the_slash_keeps_the_order()
    {
        _directory.MakeDirectory("sub");
        await using var server = RunningServer.OfDirectory(_directory.Path);
        Assert.Equal("/sub/?sort=-size", (await server.GetAsync("/sub?sort=-size"))["Location"]);
    }
}
