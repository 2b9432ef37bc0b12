using Http.Server.Tests.Support;

namespace Http.Server.Tests.Files;

public sealed class SymlinkTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly string _root;

    public SymlinkTests()
    {
        _root = _directory.MakeDirectory("site");
        _directory.Write("outside/secret.txt", "secret");
        _directory.Write("site-other/secret.txt", "secret");
        _directory.Write("site/a.txt", "a");
        _directory.Write("site/sub/b.txt", "b");
        Link("inside", "a.txt");
        Link("sub/up", "../a.txt");
        Link("folder", "sub");
        Link("absolute", Path.Combine(_root, "a.txt"));
        Link("absolute-folder", Path.Combine(_root, "sub"));
        Link("around", "../site/a.txt");
        Link("chain", "folder/up");
        Link("out", "../outside/secret.txt");
        Link("out-absolute", Path.Combine(_directory.Path, "outside", "secret.txt"));
        Link("out-folder", "../outside");
        Link("out-prefix", "../site-other");
        Link("out-chain", "folder/../out-folder/secret.txt");
        Link("loop", "loop");
        Link("ring-1", "ring-2");
        Link("ring-2", "ring-1");
        Link("dead", "nothing");
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/a.txt", "a", "a", "a")]
    [InlineData("/sub/b.txt", "b", "b", "b")]
    [InlineData("/inside", "a", "a", null)]
    [InlineData("/sub/up", "a", "a", null)]
    [InlineData("/folder/b.txt", "b", "b", null)]
    [InlineData("/folder/up", "a", "a", null)]
    [InlineData("/absolute", "a", "a", null)]
    [InlineData("/absolute-folder/b.txt", "b", "b", null)]
    [InlineData("/absolute-folder/up", "a", "a", null)]
    [InlineData("/around", "a", "a", null)]
    [InlineData("/chain", "a", "a", null)]
    [InlineData("/out", null, "secret", null)]
    [InlineData("/out-absolute", null, "secret", null)]
    [InlineData("/out-folder/secret.txt", null, "secret", null)]
    [InlineData("/out-prefix/secret.txt", null, "secret", null)]
    [InlineData("/out-chain", null, "secret", null)]
    [InlineData("/loop", null, null, null)]
    [InlineData("/ring-1", null, null, null)]
    [InlineData("/loop/a.txt", null, null, null)]
    [InlineData("/dead", null, null, null)]
    public async Task A_link_is_served_as_the_policy_says(string target, string? inside, string? follow, string? refuse)
    {
        foreach (var (policy, expected) in new[] { (SymlinkPolicy.Inside, inside), (SymlinkPolicy.Follow, follow), (SymlinkPolicy.Refuse, refuse) })
        {
            await using var server = RunningServer.OfDirectory(_root, handler => handler.Symlinks = policy, new() { TimeProvider = new StandingTimeProvider() });
            for (var round = 0; round < 2; round++)
            {
                var response = await server.GetAsync(target);
                Assert.Equal((policy, expected is null ? 404 : 200), (policy, response.Status));
                if (expected is not null)
                    Assert.Equal(expected, response.Text);
            }
        }
    }

    [Theory]
    [InlineData(SymlinkPolicy.Inside, "absolute absolute-folder around chain folder inside")]
    [InlineData(SymlinkPolicy.Follow, "absolute absolute-folder around chain folder inside out out-absolute out-chain out-folder out-prefix")]
    [InlineData(SymlinkPolicy.Refuse, "")]
    public async Task A_listing_shows_the_links_that_can_be_followed(SymlinkPolicy policy, string links)
    {
        await using var server = RunningServer.OfDirectory(_root, handler => handler.Symlinks = policy);
        var page = (await server.GetAsync("/")).Text;
        var shown = Listing.NamesOf(page);
        Assert.Equal(["sub/", "a.txt"], shown.Where(name => !name.EndsWith('@')));
        Assert.Equal(links.Split(' ', StringSplitOptions.RemoveEmptyEntries), shown.Where(name => name.EndsWith('@')).Select(name => name[..^1]).Order(StringComparer.Ordinal));
        foreach (var (target, _) in Listing.LinksOf(page, "/"))
            Assert.Equal(200, (await server.GetAsync(target)).Status);
    }

    [Theory]
    [InlineData("/folder", 301, 301, 404)]
    [InlineData("/folder/", 200, 200, 404)]
    [InlineData("/absolute-folder", 301, 301, 404)]
    [InlineData("/absolute-folder/", 200, 200, 404)]
    [InlineData("/out-folder", 404, 301, 404)]
    [InlineData("/out-folder/", 404, 200, 404)]
    [InlineData("/out-prefix/", 404, 200, 404)]
    [InlineData("/inside/", 404, 404, 404)]
    [InlineData("/loop/", 404, 404, 404)]
    public async Task Links_to_directories_follow_the_policy_too(string target, int inside, int follow, int refuse)
    {
        foreach (var (policy, status) in new[] { (SymlinkPolicy.Inside, inside), (SymlinkPolicy.Follow, follow), (SymlinkPolicy.Refuse, refuse) })
        {
            await using var server = RunningServer.OfDirectory(_root, handler => handler.Symlinks = policy);
            Assert.Equal((policy, status), (policy, (await server.GetAsync(target)).Status));
        }
    }

    [Fact]
    public async Task The_root_itself_may_be_a_link_under_every_policy()
    {
        var link = Path.Combine(_directory.Path, "l");
        Directory.CreateSymbolicLink(link, _root);
        foreach (var policy in Enum.GetValues<SymlinkPolicy>())
        {
            await using var server = RunningServer.OfDirectory(link, handler => handler.Symlinks = policy);
            Assert.Equal("a", (await server.GetAsync("/a.txt")).Text);
            Assert.Contains("a.txt", Listing.NamesOf((await server.GetAsync("/")).Text));
            Assert.Equal(policy == SymlinkPolicy.Refuse ? 404 : 200, (await server.GetAsync("/absolute")).Status);
        }
    }

    [Fact]
    public async Task A_file_that_becomes_a_link_out_is_not_served_from_memory()
    {
        await using var server = RunningServer.OfDirectory(_root, options: new() { TimeProvider = new StandingTimeProvider() });
        Assert.Equal("a", (await server.GetAsync("/a.txt")).Text);
        Assert.Equal("a", (await server.GetAsync("/a.txt")).Text);
        File.Delete(Path.Combine(_root, "a.txt"));
        Link("a.txt", "../outside/secret.txt");
        Assert.Equal(404, (await server.GetAsync("/a.txt")).Status);
    }

    [Fact]
    public async Task A_link_out_as_index_page_is_passed_over()
    {
        Link("sub/index.html", "../../outside/secret.txt");
        await using var server = RunningServer.OfDirectory(_root);
        Assert.DoesNotContain("secret", (await server.GetAsync("/sub/")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_into_proc_lead_nowhere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has /proc.");
        await using var server = RunningServer.OfDirectory("/proc/self");
        Assert.Equal(200, (await server.GetAsync("/status")).Status);
        foreach (var target in new[] { "/root/etc/passwd", "/cwd/", "/exe", "/fd/0" })
            Assert.Equal(404, (await server.GetAsync(target)).Status);
    }

    private void Link(string name, string target)
    {
        try
        {
            File.CreateSymbolicLink(Path.Combine(_root, name), target);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Assert.Skip("Links cannot be made here: " + exception.Message);
        }
    }
}
