using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>Pages that follow their files, seen.</summary>
public sealed class LiveReloadTests(Chromium chromium) : BrowserTest(chromium)
{
    [Fact]
    public async Task A_page_shows_what_its_file_has_become()
    {
        Files.Write("site/index.html", "<!DOCTYPE html><title>one</title><p>first</p></body>");
        await using var server = Serve();
        var page = await OpenAsync(server, "/");
        Files.Write("site/index.html", "<!DOCTYPE html><title>two</title><p>second</p></body>");
        await page.GetByText("second").WaitForAsync();
        Assert.Equal("two", await page.TitleAsync());
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_policy_that_allows_the_sites_own_scripts_allows_it()
    {
        Files.Write("site/index.html", "<!DOCTYPE html><title>one</title><p>first</p>");
        await using var server = Serve(handler => handler.ExtraHeaders = [new("Content-Security-Policy", "default-src 'self'; base-uri 'none'")]);
        var page = await OpenAsync(server, "/");
        Files.Write("site/index.html", "<!DOCTYPE html><title>two</title><p>second</p>");
        await page.GetByText("second").WaitForAsync();
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_style_sheet_is_exchanged_and_the_page_stays()
    {
        Files.Write("site/index.html", "<!DOCTYPE html><title>one</title><link rel=stylesheet href=look.css><p>text</p><input>");
        Files.Write("site/look.css", "p { color: rgb(1, 1, 1) }");
        await using var server = Serve();
        var page = await OpenAsync(server, "/");
        await page.Locator("input").FillAsync("typed");
        Files.Write("site/look.css", "p { color: rgb(2, 2, 2) }");
        await page.WaitForFunctionAsync("getComputedStyle(document.querySelector('p')).color === 'rgb(2, 2, 2)'");
        Files.Write("site/look.css", "p { color: rgb(3, 3, 3) }");
        await page.WaitForFunctionAsync("getComputedStyle(document.querySelector('p')).color === 'rgb(3, 3, 3)' && document.querySelectorAll('link').length === 1");
        Assert.Equal("typed", await page.Locator("input").InputValueAsync());
        await page.CloseAsync();
    }

    [Fact]
    public async Task A_listing_and_an_error_page_follow_too()
    {
        Expect(404);
        Files.Write("site/folder/a.txt", "a");
        await using var server = Serve();
        var page = await OpenAsync(server, "/folder/");
        Files.Write("site/folder/b.txt", "b");
        await page.GetByText("b.txt", new() { Exact = true }).First.WaitForAsync();
        await ListenAsync(page, () => page.GotoAsync(server.Url + "/later.html"));
        Files.Write("site/later.html", "<!DOCTYPE html><title>later</title><p>now there</p>");
        await page.GetByText("now there").WaitForAsync();
        await page.CloseAsync();
    }

    private RunningServer Serve(Action<SimpleHttpRequestHandler>? configure = null) => RunningServer.OfDirectory(Site, handler =>
    {
        handler.LiveReload = true;
        configure?.Invoke(handler);
    });

    private async Task<IPage> OpenAsync(RunningServer server, string path)
    {
        var page = await NewPageAsync(server.Url);
        await ListenAsync(page, () => page.GotoAsync(server.Url + path));
        return page;
    }

    /// <summary>Goes on when the page is told of changes: the head of the events comes when the directory is watched.</summary>
    private static Task<IResponse> ListenAsync(IPage page, Func<Task> open) =>
        page.RunAndWaitForResponseAsync(open, response => response.Url.EndsWith("/live-reload", StringComparison.Ordinal));
}
