using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>How the addresses of pages and directories end.</summary>
public sealed class TrailingSlashTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public TrailingSlashTests()
    {
        _directory.Write("index.html", "home");
        _directory.Write("about.html", "about");
        _directory.Write("docs/index.html", "docs");
        _directory.Write("docs/a b.html", "a b");
        _directory.Write("list/file.txt", "text");
        _directory.Write("both.html", "page");
        _directory.Write("both/index.html", "directory");
        _directory.Write("half.html", "page");
        _directory.Write("half/file.txt", "text");
        _directory.Write("plain", "plain");
        _directory.Write("plain.html", "plain page");
    }

    public static TheoryData<TrailingSlashPolicy, bool> Combinations => new(
        from policy in Enum.GetValues<TrailingSlashPolicy>()
        from cleanUrls in new[] { false, true }
        select (policy, cleanUrls));

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/about", "/about/", "about")]
    [InlineData("/about?x=//y", "/about/?x=//y", "about")]
    [InlineData("/docs/a%20b?x=1", "/docs/a%20b/?x=1", "a b")]
    [InlineData("/docs", "/docs/", "docs")]
    [InlineData("/both", "/both/", "directory")]
    public async Task Always_pages_and_directories_end_in_a_slash(string target, string location, string text)
    {
        await using var server = Serve(TrailingSlashPolicy.Always, cleanUrls: true);
        await AssertRedirectsAsync(server, target, location, text);
    }

    [Theory]
    [InlineData("/docs/", "/docs", "docs")]
    [InlineData("/docs/?x=//y", "/docs?x=//y", "docs")]
    [InlineData("/docs/.?x", "/docs?x", "docs")]
    [InlineData("//docs//", "/docs", "docs")]
    [InlineData("/both/", "/both", "directory")]
    [InlineData("/about/", "/about", "about")]
    [InlineData("/docs/a%20b/?x=1", "/docs/a%20b?x=1", "a b")]
    public async Task Never_pages_and_directories_end_in_a_slash(string target, string location, string text)
    {
        await using var server = Serve(TrailingSlashPolicy.Never, cleanUrls: true);
        await AssertRedirectsAsync(server, target, location, text);
    }

    [Fact]
    public async Task The_root_keeps_its_slash()
    {
        await using var server = Serve(TrailingSlashPolicy.Never, cleanUrls: false);
        Assert.Equal((200, "home"), Summary(await server.GetAsync("/")));
        Assert.Equal((200, "home"), Summary(await server.GetAsync("/docs/..")));
    }

    [Fact]
    public async Task A_listing_keeps_its_slash_until_there_is_an_index_page()
    {
        await using var server = Serve(TrailingSlashPolicy.Never, cleanUrls: false);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("/list/", (await server.GetAsync("/list"))["Location"]);
            Assert.Contains("file.txt", (await server.GetAsync("/list/")).Text);
        }

        _directory.Write("list/index.html", "index");
        Assert.Equal((200, "index"), Summary(await server.GetAsync("/list")));
        Assert.Equal("/list", (await server.GetAsync("/list/"))["Location"]);
        File.Delete(Path.Combine(_directory.Path, "list", "index.html"));
        Assert.Equal("/list/", (await server.GetAsync("/list"))["Location"]);
    }

    [Theory]
    [InlineData(TrailingSlashPolicy.Always)]
    [InlineData(TrailingSlashPolicy.Never)]
    public async Task Names_with_an_extension_are_files(TrailingSlashPolicy policy)
    {
        await using var server = Serve(policy, cleanUrls: true);
        Assert.Equal((200, "about"), Summary(await server.GetAsync("/about.html")));
        Assert.Equal(404, (await server.GetAsync("/about.html/")).Status);
        Assert.Equal((200, "text"), Summary(await server.GetAsync("/list/file.txt")));
        Assert.Equal(404, (await server.GetAsync("/list/file.txt/")).Status);
    }

    /// <summary>Whatever is asked for, with or without a slash: one redirect at the most, and both end at the same answer.</summary>
    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task No_redirect_leads_to_another(TrailingSlashPolicy policy, bool cleanUrls)
    {
        await using var server = Serve(policy, cleanUrls);
        foreach (var path in new[] { "/about", "/docs", "/docs/a%20b", "/list", "/both", "/half", "/plain", "/missing", "/docs/missing", "//evil.example", "/%5cevil.example" })
        {
            foreach (var target in new[] { path, path + "/", path + "/?q=1", path + "?q=1", path + "//", path + "/." })
            {
                for (var round = 0; round < 2; round++)
                {
                    var answer = await server.GetAsync(target);
                    if (answer["Location"] is not { } location)
                        continue;
                    Assert.Matches("^/[^/]", location);
                    Assert.Equal(target.Contains('?'), location.EndsWith("?q=1", StringComparison.Ordinal));
                    Assert.Equal((301, "no-cache"), (answer.Status, answer["Cache-Control"]));
                    Assert.Equal(200, (await server.GetAsync(location)).Status);
                }
            }
        }
    }

    [Fact]
    public async Task A_directory_named_like_a_host_redirects_to_this_one()
    {
        _directory.Write("evil.example/index.html", "index");
        await using var server = Serve(TrailingSlashPolicy.Never, cleanUrls: false);
        Assert.Equal("/evil.example", (await server.GetAsync("//evil.example/"))["Location"]);
    }

    [Fact]
    public async Task Handlers_with_different_policies_remember_nothing_of_each_other()
    {
        await using var auto = Serve(TrailingSlashPolicy.Auto, cleanUrls: false);
        await using var never = Serve(TrailingSlashPolicy.Never, cleanUrls: false);
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal((200, "docs"), Summary(await auto.GetAsync("/docs/")));
            Assert.Equal("/docs", (await never.GetAsync("/docs/"))["Location"]);
            Assert.Equal((200, "docs"), Summary(await never.GetAsync("/docs")));
            Assert.Equal("/docs/", (await auto.GetAsync("/docs"))["Location"]);
        }
    }

    [Fact]
    public async Task A_page_without_its_slash_has_validators_ranges_and_a_head()
    {
        await using var server = Serve(TrailingSlashPolicy.Never, cleanUrls: false);
        await server.StrongTagAsync("/docs");
        var page = await server.GetAsync("/docs");
        Assert.Equal("text/html; charset=utf-8", page["Content-Type"]);
        Assert.Equal(304, (await server.GetAsync("/docs", $"If-None-Match: {page["ETag"]}\r\n")).Status);
        Assert.Equal((206, "oc"), Summary(await server.GetAsync("/docs", "Range: bytes=1-2\r\n")));
        var head = await server.SendAsync("HEAD /docs HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal((200, "4"), (head.Status, head["Content-Length"]));
        Assert.Equal("/docs", (await server.SendAsync("HEAD /docs/ HTTP/1.0\r\n\r\n"))["Location"]);
    }

    [Fact]
    public async Task Hidden_directories_and_links_out_stay_as_they_are()
    {
        _directory.Write(".secret/index.html", "secret");
        await using var server = RunningServer.OfDirectory(
            _directory.Path, static handler => (handler.TrailingSlash, handler.HideDotfiles) = (TrailingSlashPolicy.Never, true));
        Assert.Equal(404, (await server.GetAsync("/.secret")).Status);
        Assert.Equal(404, (await server.GetAsync("/.secret/")).Status);
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need more rights there.");
        using var elsewhere = new TempDirectory();
        elsewhere.Write("index.html", "outside");
        Directory.CreateSymbolicLink(Path.Combine(_directory.Path, "out"), elsewhere.Path);
        Assert.Equal(404, (await server.GetAsync("/out")).Status);
        Assert.Equal(404, (await server.GetAsync("/out/")).Status);
    }

    [Fact]
    public async Task An_application_answers_elsewhere_as_before()
    {
        await using var server = RunningServer.OfDirectory(
            _directory.Path, static handler => (handler.TrailingSlash, handler.CleanUrls, handler.FallbackPage) = (TrailingSlashPolicy.Always, true, "index.html"));
        Assert.Equal((200, "home"), Summary(await server.GetAsync("/users/42")));
        Assert.Equal("/about/", (await server.GetAsync("/about"))["Location"]);
    }

    private static (int Status, string Text) Summary(RawResponse answer) => (answer.Status, answer.Text);

    private static async Task AssertRedirectsAsync(RunningServer server, string target, string location, string text)
    {
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(location, (await server.GetAsync(target))["Location"]);
            Assert.Equal((200, text), Summary(await server.GetAsync(location)));
        }
    }

    private RunningServer Serve(TrailingSlashPolicy policy, bool cleanUrls) =>
        RunningServer.OfDirectory(_directory.Path, handler => (handler.TrailingSlash, handler.CleanUrls) = (policy, cleanUrls));
}
