using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.StaticFiles;

public sealed class PathTests : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly RunningServer _server;

    public PathTests()
    {
        _directory.Write("secret.txt", "SECRET");
        _directory.Write("site-secret/secret.txt", "SECRET");
        _directory.Write("site/a.txt", "a");
        _directory.Write("site/sub/b.txt", "b");
        _server = RunningServer.OfDirectory(Path.Combine(_directory.Path, "site"), options: new() { TimeProvider = new StandingTimeProvider() });
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("/../secret.txt", 400)]
    [InlineData("/../../../../../../../../etc/passwd", 400)]
    [InlineData("/..", 400)]
    [InlineData("/../", 400)]
    [InlineData("/../site-secret/secret.txt", 400)]
    [InlineData("/../site/a.txt", 400)]
    [InlineData("/%2e%2e/secret.txt", 400)]
    [InlineData("/%2E%2e/secret.txt", 400)]
    [InlineData("/.%2e/secret.txt", 400)]
    [InlineData("/%2e./secret.txt", 400)]
    [InlineData("/sub/../../secret.txt", 400)]
    [InlineData("/sub/%2e%2e/%2e%2e/secret.txt", 400)]
    [InlineData("/nothing/../../secret.txt", 400)]
    [InlineData("//../secret.txt", 400)]
    [InlineData("/./../secret.txt", 400)]
    [InlineData("/sub//../../secret.txt", 400)]
    [InlineData("http://test/../secret.txt", 400)]
    [InlineData("/..%2fsecret.txt", 404)]
    [InlineData("/..%2Fsecret.txt", 404)]
    [InlineData("/%2e%2e%2fsecret.txt", 404)]
    [InlineData("/sub%2f..%2f..%2fsecret.txt", 404)]
    [InlineData("/sub%2f..%2fa.txt", 404)]
    [InlineData("/sub%2f%2e%2e%2fa.txt", 404)]
    [InlineData("/sub%2f.%2fb.txt", 404)]
    [InlineData("/sub%2f%2fb.txt", 404)]
    [InlineData("/sub%2f/b.txt", 404)]
    [InlineData("/sub%2fb.txt%2f", 404)]
    [InlineData("/%2fsub%2fb.txt", 404)]
    [InlineData("/sub%2fb.txt/..", 404)]
    [InlineData("/sub%2fx/../../secret.txt", 404)]
    [InlineData("/sub%252fb.txt", 404)]
    [InlineData("/%ff", 404)]
    [InlineData("/%2fetc%2fpasswd", 404)]
    [InlineData("/etc/passwd", 404)]
    [InlineData("//etc/passwd", 404)]
    [InlineData("/%252e%252e/secret.txt", 404)]
    [InlineData("/%252e%252e%252fsecret.txt", 404)]
    [InlineData("/..%5csecret.txt", 404)]
    [InlineData("/..\\secret.txt", 404)]
    [InlineData("/..%5C..%5Csecret.txt", 404)]
    [InlineData("/..%c0%afsecret.txt", 404)]
    [InlineData("/%c0%ae%c0%ae/secret.txt", 404)]
    [InlineData("/%e0%80%ae%e0%80%ae/secret.txt", 404)]
    [InlineData("/%ef%bc%8e%ef%bc%8e/secret.txt", 404)]
    [InlineData("/..;/secret.txt", 404)]
    [InlineData("/.../secret.txt", 404)]
    [InlineData("/..%20/secret.txt", 404)]
    [InlineData("/..%00/secret.txt", 400)]
    [InlineData("/%00", 400)]
    [InlineData("/a.txt%00", 400)]
    [InlineData("/a.txt%00.html", 400)]
    [InlineData("/%", 400)]
    [InlineData("/%4", 400)]
    [InlineData("/%zz", 400)]
    [InlineData("/a.txt%", 400)]
    [InlineData("/%u002e%u002e/secret.txt", 400)]
    [InlineData("a.txt", 400)]
    [InlineData("../secret.txt", 400)]
    [InlineData("\\..\\secret.txt", 400)]
    [InlineData("~root", 400)]
    public async Task What_leads_outside_or_nowhere_is_refused(string target, int status)
    {
        foreach (var suffix in new[] { "", "?a=/../b" })
        {
            var response = await _server.GetAsync(target + suffix);
            Assert.Equal(status, response.Status);
            Assert.DoesNotContain("SECRET", response.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("root:", response.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(_directory.Path, response.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/a.txt", "a")]
    [InlineData("/%61%2E%74xt", "a")]
    [InlineData("//a.txt", "a")]
    [InlineData("/./a.txt", "a")]
    [InlineData("/sub/../a.txt", "a")]
    [InlineData("/nothing/../a.txt", "a")]
    [InlineData("/sub/%2e%2e/a.txt", "a")]
    [InlineData("/sub//b.txt", "b")]
    [InlineData("/sub%2fb.txt", "b")]
    [InlineData("/./sub%2Fb.txt?x", "b")]
    [InlineData("/sub/./././b.txt", "b")]
    [InlineData("/a.txt?/../../secret.txt", "a")]
    [InlineData("/a.txt?%00%zz", "a")]
    [InlineData("/a.txt?b?c", "a")]
    [InlineData("http://test/a.txt", "a")]
    [InlineData("http://test//sub/b.txt?c", "b")]
    public async Task Dot_segments_doubled_slashes_and_escapes_within_the_root_are_resolved(string target, string expected)
    {
        var response = await _server.GetAsync(target);
        Assert.Equal((200, expected), (response.Status, response.Text));
    }

    [Theory]
    [InlineData("/back%5Cslash", "back\\slash")]
    [InlineData("/back\\slash", "back\\slash")]
    [InlineData("/..%5Cup", "..\\up")]
    [InlineData("/%01%1b%7f", "\u0001\u001b\u007f")]
    [InlineData("/new%0Aline", "new\nline")]
    [InlineData("/%0d%0a", "\r\n")]
    [InlineData("/%C2%85", "\u0085")]
    [InlineData("/a%3Ab", "a:b")]
    [InlineData("/a:b", "a:b")]
    [InlineData("/%20", " ")]
    [InlineData("/a%3Fb", "a?b")]
    [InlineData("/a%23b", "a#b")]
    [InlineData("/%2541", "%41")]
    [InlineData("/+", "+")]
    [InlineData("/%F0%9F%98%80", "😀")]
    public async Task On_Unix_every_other_character_is_a_part_of_a_name(string target, string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        _directory.Write("site/" + name, "found " + name);
        _directory.Write("site/sub/" + name, "in sub");
        Assert.Equal("found " + name, (await _server.GetAsync(target)).Text);
        Assert.Equal("in sub", (await _server.GetAsync("/sub" + target)).Text);
    }

    [Fact]
    public async Task A_name_in_raw_UTF_8_is_found_like_an_encoded_one()
    {
        _directory.Write("site/日本.txt", "found");
        using var client = await _server.ConnectAsync();
        await client.SendAsync(Encoding.UTF8.GetBytes("GET /日本.txt HTTP/1.1\r\nHost: test\r\n\r\n"));
        var raw = await client.ReadResponseAsync();
        Assert.Contains(raw.Status, new[] { 200, 400 });
        Assert.Equal("found", (await _server.GetAsync("/%E6%97%A5%E6%9C%AC.txt")).Text);
    }

    [Fact]
    public async Task Windows_names_that_mean_other_files_are_not_found()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Only Windows reads names so.");
        foreach (var target in new[] { "/a.txt.", "/a.txt%20", "/a.txt::$DATA", "/A~1.TXT", "/con", "/sub%5cb.txt", "/c:/windows/win.ini", "/%5c%5cserver%5cshare" })
            Assert.Equal(404, (await _server.GetAsync(target)).Status);
    }

    [Fact]
    public async Task Random_targets_never_reach_a_file_outside()
    {
        var random = new Random(4711);
        string[] pieces = ["..", ".", "/", "%2e", "%2E%2e", "%2f", "%5c", "\\", "secret.txt", "site-secret", "site", "sub", "a.txt", "%00", "%25", "2e", ";", "?", "//", "%c0%ae"];
        using var client = await _server.ConnectAsync();
        for (var round = 0; round < 2000; round++)
        {
            var target = "/" + string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            var response = await _server.GetAsync(target);
            Assert.DoesNotContain("SECRET", response.Text, StringComparison.Ordinal);
            Assert.InRange(response.Status, 200, 404);
        }

        Assert.Empty(_server.Log.Errors);
    }
}
