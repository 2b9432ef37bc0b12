using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>The options that make a site of a directory.</summary>
public sealed class SiteTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public SiteTests()
    {
        _folder.Write("index.html", "app");
        _folder.Write("about.html", "about");
        _folder.Write("app.min.js", "code");
        _folder.Write("main.html", "main");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_may_be_kept_and_read_by_other_origins()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--cache", "60", "--immutable", "*.min.js", "--cors");
        var page = await program.GetAsync("/about.html");
        Assert.Equal(("public, max-age=60", "*"), (page["Cache-Control"], page["Access-Control-Allow-Origin"]));
        Assert.Equal("public, max-age=31536000, immutable", (await program.GetAsync("/app.min.js"))["Cache-Control"]);
    }

    [Theory]
    [InlineData("app", "--spa")]
    [InlineData("main", "--spa", "main.html")]
    public async Task An_application_answers_where_nothing_lies(string text, params string[] option)
    {
        await using var program = await ServerProgram.ServeAsync(["0", "-d", _folder.Path, .. option]);
        Assert.Equal(text, (await program.GetAsync("/deep/link")).Text);
    }

    [Fact]
    public async Task Clean_URLs_find_pages()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--clean-urls");
        Assert.Equal("about", (await program.GetAsync("/about")).Text);
    }

    [Fact]
    public async Task Directories_are_downloads_with_the_option_alone()
    {
        _folder.Write("sub/a.txt", "a");
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path, "--archive");
        var archive = await program.GetAsync("/sub/?archive=zip");
        Assert.Equal(("application/zip", "attachment; filename=\"sub.zip\""), (archive["Content-Type"], archive["Content-Disposition"]));
        Assert.Equal("application/x-tar", (await program.GetAsync("/?archive=tar"))["Content-Type"]);
        await using var plain = await ServerProgram.ServeAsync("0", "-d", _folder.Path);
        Assert.Equal("text/html; charset=utf-8", (await plain.GetAsync("/sub/?archive=zip"))["Content-Type"]);
    }
}
