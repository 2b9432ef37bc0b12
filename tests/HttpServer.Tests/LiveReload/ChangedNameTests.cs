using Http.Server.LiveReload;

namespace Http.Server.Tests.LiveReload;

public sealed class ChangedNameTests
{
    [Theory]
    [InlineData(".git/HEAD")]
    [InlineData("a/.cache/b.html")]
    [InlineData(".hidden")]
    [InlineData("node_modules")]
    [InlineData("a/node_modules/b/index.js")]
    [InlineData("a.html~")]
    [InlineData("#a.html#")]
    [InlineData("~$report.docx")]
    [InlineData("a/4913")]
    [InlineData("a.swp")]
    [InlineData("a.TMP")]
    [InlineData("a.zip.part")]
    [InlineData("a/access.log")]
    public void What_no_page_shows_does_not_count(string path) => Assert.True(ChangedName.IsIgnored(path));

    [Theory]
    [InlineData("")]
    [InlineData("a.html")]
    [InlineData("a/b.c/d")]
    [InlineData("my_node_modules/a.js")]
    [InlineData("a.logo")]
    [InlineData("tmp")]
    [InlineData("#")]
    public void Everything_else_counts(string path) => Assert.False(ChangedName.IsIgnored(path));

    [Theory]
    [InlineData("a.css", true)]
    [InlineData("a/B.CSS", true)]
    [InlineData("a.scss", false)]
    [InlineData("css", false)]
    public void Style_sheets_are_told_by_their_ending(string path, bool isStyle) => Assert.Equal(isStyle, ChangedName.IsStyle(path));
}
