using Http.Server.Tests.Support;

namespace Http.Server.Tests.MediaTypes;

public class ContentTypeTests
{
    [Theory]
    [InlineData("README", "application/octet-stream")]
    [InlineData("a.html", "text/html; charset=utf-8")]
    [InlineData("A.HTML", "text/html; charset=utf-8")]
    [InlineData("/some/where/b.Js", "text/javascript; charset=utf-8")]
    [InlineData("c.tar.gz", "application/gzip")]
    [InlineData("d.png", "image/png")]
    [InlineData(".png", "application/octet-stream")]
    [InlineData("dir.png/e", "application/octet-stream")]
    [InlineData("", "application/octet-stream")]
    public void Without_a_map_the_built_in_table_tells_the_type(string path, string expected) =>
        Assert.Equal(expected, new TellingHandler().Guess(path));

    [Theory]
    [InlineData("a.html", "application/x-mine")]
    [InlineData("A.HTML", "application/x-mine")]
    [InlineData("a.htm", "text/html; charset=utf-8")]
    [InlineData("a.shout", "text/x-shout; charset=utf-8")]
    [InlineData("a.SHOUT", "text/x-shout; charset=utf-8")]
    [InlineData("a.tar.gz", "application/x-tarball")]
    [InlineData("a.b.TAR.GZ", "application/x-tarball")]
    [InlineData("a.svg.gz", "application/x-gz")]
    [InlineData("a.gz", "application/x-gz")]
    [InlineData("a.tar", "application/x-tar")]
    [InlineData(".html", "application/x-none")]
    [InlineData("README", "application/x-none")]
    [InlineData("a.nosuchextension", "application/x-none")]
    [InlineData("a.latin", "text/plain; charset=iso-8859-1")]
    [InlineData("a.bin", "application/octet-stream")]
    public void The_map_goes_before_the_table_whatever_the_case_and_the_longest_suffix_first(string path, string expected)
    {
        var handler = new TellingHandler
        {
            DefaultContentType = "application/x-default",
            ExtensionsMap = new Dictionary<string, string>
            {
                [".html"] = "application/x-mine",
                [".SHOUT"] = "text/x-shout",
                [".gz"] = "application/x-gz",
                [".tar.gz"] = "application/x-tarball",
                [".latin"] = "text/plain; charset=iso-8859-1",
                [""] = "application/x-none",
            },
        };
        Assert.Equal(expected, handler.Guess(path));
    }

    [Fact]
    public void The_type_for_no_extension_gets_a_charset_like_every_other_of_the_map()
    {
        var handler = new TellingHandler { ExtensionsMap = new Dictionary<string, string> { [""] = "text/plain" } };
        Assert.Equal("text/plain; charset=utf-8", handler.Guess("README"));
    }

    [Fact]
    public async Task The_default_type_is_for_unknown_extensions_alone()
    {
        using var directory = new TempDirectory();
        directory.Write("README", "x");
        directory.Write("a.bin", "x");
        directory.Write("a.html", "x");
        await using var server = RunningServer.OfDirectory(directory.Path, handler => handler.DefaultContentType = "text/plain; charset=us-ascii",
            new() { TimeProvider = new StandingTimeProvider() });
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("text/plain; charset=us-ascii", (await server.GetAsync("/README"))["Content-Type"]);
            Assert.Equal("application/octet-stream", (await server.GetAsync("/a.bin"))["Content-Type"]);
            Assert.Equal("text/html; charset=utf-8", (await server.GetAsync("/a.html"))["Content-Type"]);
        }
    }

    [Fact]
    public async Task Servers_of_one_directory_keep_their_own_types_though_they_share_its_memory()
    {
        using var directory = new TempDirectory();
        directory.Write("a.html", "x");
        var options = new HttpServerOptions { TimeProvider = new StandingTimeProvider(), Log = new RecordingLog() };
        await using var plain = RunningServer.OfDirectory(directory.Path, options: options);
        await using var mapped = RunningServer.OfDirectory(
            directory.Path, handler => handler.ExtensionsMap = new Dictionary<string, string> { [".html"] = "application/x-mine" }, options);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("text/html; charset=utf-8", (await plain.GetAsync("/a.html"))["Content-Type"]);
            Assert.Equal("application/x-mine", (await mapped.GetAsync("/a.html"))["Content-Type"]);
        }
    }

    [Fact]
    public void Null_is_refused() => Assert.Throws<ArgumentNullException>(() => new TellingHandler().Guess(null!));

    private sealed class TellingHandler : SimpleHttpRequestHandler
    {
        public string Guess(string path) => GuessType(path);
    }
}
