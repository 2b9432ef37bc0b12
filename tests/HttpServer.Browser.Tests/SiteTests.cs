using Http.Server.Browser.Tests.Support;

namespace Http.Server.Browser.Tests;

/// <summary>Sites and their errors, as somebody sees who follows links.</summary>
public sealed class SiteTests(Chromium chromium) : BrowserTest(chromium)
{
    [Fact]
    public async Task An_error_page_is_a_page()
    {
        Expect(404);
        await using var server = RunningServer.OfDirectory(Site);
        var page = await NewPageAsync(server.Url);
        Assert.Equal(404, (await page.GotoAsync($"{server.Url}/%3Cscript%3Ealert(1)%3C%2fscript%3E"))!.Status);
        Assert.Equal("404 File not found", await page.Locator("h1").TextContentAsync());
        Assert.Equal("CSS1Compat", await page.EvaluateAsync<string>("document.compatMode"));
        Assert.Equal(0, await page.Locator("script").CountAsync());
    }

    [Fact]
    public async Task A_single_page_application_is_there_at_every_address()
    {
        Files.Write("site/index.html", "<!DOCTYPE html><title>app</title><p id=at></p><a href=/users/anna>anna</a><script src=/app.js></script>");
        Files.Write("site/app.js",
            """
            const show = () => document.getElementById('at').textContent = location.pathname;
            document.querySelector('a').addEventListener('click', event => { event.preventDefault(); history.pushState(null, '', event.target.href); show(); });
            show();
            """);
        await using var server = RunningServer.OfDirectory(Site, handler => handler.FallbackPage = "index.html");
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/");
        await page.Locator("a").ClickAsync();
        Assert.Equal("/users/anna", await page.Locator("#at").TextContentAsync());
        await page.ReloadAsync();
        Assert.Equal(("app", "/users/anna"), (await page.TitleAsync(), await page.Locator("#at").TextContentAsync()));
        Expect(404);
        Assert.Equal(404, (await page.GotoAsync(server.Url + "/missing.js"))!.Status);
    }

    [Fact]
    public async Task Clean_addresses_and_the_page_for_what_is_missing()
    {
        Files.Write("site/index.html", "<!DOCTYPE html><title>home</title><a href=about>about</a> <a href=gone>gone</a>");
        Files.Write("site/about.html", "<!DOCTYPE html><title>about</title><link rel=stylesheet href=look.css><p>about us");
        Files.Write("site/look.css", "p { color: rgb(1, 2, 3) }");
        Files.Write("site/404.html", "<!DOCTYPE html><title>nothing here</title><a href=/>home</a>");
        await using var server = RunningServer.OfDirectory(Site, handler => handler.CleanUrls = true);
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/");
        await page.GetByText("about").ClickAsync();
        Assert.Equal("about", await page.TitleAsync());
        Assert.Equal("rgb(1, 2, 3)", await page.Locator("p").EvaluateAsync<string>("p => getComputedStyle(p).color"));
        await page.GotoAsync(server.Url + "/about/");
        Assert.Equal(server.Url + "/about", page.Url);
        Expect(404);
        await page.GoBackAsync();
        await page.GotoAsync(server.Url + "/");
        await page.GetByText("gone").ClickAsync();
        Assert.Equal("nothing here", await page.TitleAsync());
        await page.GetByText("home").ClickAsync();
        Assert.Equal("home", await page.TitleAsync());
    }
}
