using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

/// <summary>Links that lead to names which begin with a dot.</summary>
public sealed class HiddenLinkTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public HiddenLinkTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        _directory.Write(".home/site/.git/config", "secret");
        _directory.Write(".home/site/plain/file", "plain");
        _directory.Write(".home/site/.page/app.html", "page");
        _directory.Write(".home/other/.ssh/id", "secret");
        _directory.Write(".home/other/file", "plain");
        foreach (var (name, target) in new[]
        {
            ("git", ".git"), ("config", ".git/config"), ("absolute", Path.Combine(_directory.Path, ".home/site/.git")), ("twice", "git"), ("back", ".git/../plain"),
            ("plain-link", "plain"), ("ssh", "../other/.ssh"), ("other", "../other"),
        })
            File.CreateSymbolicLink(Path.Combine(Root, name), target);
    }

    private string Root => Path.Combine(_directory.Path, ".home", "site");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/git/config", 404)]
    [InlineData("/git/", 404)]
    [InlineData("/config", 404)]
    [InlineData("/absolute/config", 404)]
    [InlineData("/twice/config", 404)]
    [InlineData("/ssh/id", 404)]
    [InlineData("/ssh/", 404)]
    [InlineData("/back/file", 200)]
    [InlineData("/plain-link/file", 200)]
    [InlineData("/plain/file", 200)]
    [InlineData("/other/file", 200)]
    [InlineData("/git/?archive=zip", 404)]
    public async Task What_is_hidden_stays_hidden_through_a_link(string target, int status)
    {
        // Once with a server beside it that hides nothing, and has it in memory.
        await using var open = RunningServer.OfDirectory(Root, handler => handler.Symlinks = SymlinkPolicy.Follow);
        Assert.Equal(200, (await open.GetAsync(target)).Status);
        await using var server = RunningServer.OfDirectory(Root, handler => (handler.Symlinks, handler.HideDotfiles, handler.Archive) = (SymlinkPolicy.Follow, true, true));
        Assert.Equal(status, (await server.GetAsync(target)).Status);
        var listing = (await server.GetAsync("/?format=text")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["back/", "other/", "plain-link/", "plain/"], listing.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_page_that_was_set_by_its_name_is_sent()
    {
        await using var server = RunningServer.OfDirectory(Root, handler => (handler.HideDotfiles, handler.FallbackPage) = (true, ".page/app.html"));
        Assert.Equal("page", (await server.GetAsync("/route")).Text);
    }
}
