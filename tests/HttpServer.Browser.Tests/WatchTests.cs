using Http.Server.Browser.Tests.Support;

namespace Http.Server.Browser.Tests;

/// <summary>What fails the tests of this project, whatever they look at.</summary>
public sealed class WatchTests(Chromium chromium) : BrowserTest(chromium)
{
    private bool _isSeen;
    private bool _isRun;

    public override async ValueTask DisposeAsync()
    {
        // Without a browser there is no page in which anything could go wrong.
        if (!_isRun)
        {
            await base.DisposeAsync();
            return;
        }

        // The base class throws them all.
        var exception = await Assert.ThrowsAnyAsync<Exception>(async () => await base.DisposeAsync());
        Assert.True(_isSeen, exception.Message);
    }

    [Fact]
    public async Task Whatever_goes_wrong_in_a_page_is_seen()
    {
        Files.Write("site/index.html",
            """
            <!DOCTYPE html><title>bad</title><meta http-equiv="Content-Security-Policy" content="script-src 'self'">
            <script>inline()</script>
            <script src="bad.js"></script>
            <img src="http://elsewhere.test/a.png" alt="">
            """);
        Files.Write("site/bad.js", "console.error('on the console'); document.title = 'ready'; throw new Error('thrown');");
        await using var server = RunningServer.OfDirectory(Site);
        var page = await NewPageAsync(server.Url);
        _isRun = true;
        await page.GotoAsync(server.Url + "/");
        Assert.Equal("ready", await page.TitleAsync());
        string[] expected = ["on the console", "thrown", "CSP: script-src-elem forbids inline", "Request of http://elsewhere.test/a.png"];
        Assert.All(expected, text => Assert.Contains(Problems, problem => problem.Contains(text, StringComparison.Ordinal)));
        _isSeen = true;
    }
}
