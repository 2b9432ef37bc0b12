using Http.Server.Browser.Tests.Support;
using Http.Server.Cli.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>HTTPS and passwords of the built program, as a browser deals with them.</summary>
public sealed class AccessTests(Chromium chromium) : BrowserTest(chromium)
{
    /// <summary>Of the password geheim; with few iterations.</summary>
    private const string Line = "anna:$pbkdf2-sha256$1000$c2FsdHNhbHQ$s6QxyscTq33lo3KJIGY4LBGxmOepTvnoeFO9SzgzZyE\n";

    [Fact]
    public async Task A_page_with_a_certificate_made_for_this_run()
    {
        Files.Write("site/index.html", "<!DOCTYPE html><title>safe</title><script src=a.js></script>");
        Files.Write("site/a.js", "document.title += window.isSecureContext ? ' context' : ''");
        await using var program = await ServerProgram.ServeAsync("0", "-b", "localhost", "-d", Site, "--tls-self-signed");
        var origin = $"https://localhost:{program.Port}";
        var page = await NewPageAsync(origin, new() { IgnoreHTTPSErrors = true });
        var answer = (await page.GotoAsync(origin + "/"))!;
        Assert.Equal("safe context", await page.TitleAsync());
        Assert.Equal("TLS 1.3", (await answer.SecurityDetailsAsync())!.Protocol);

        // Nobody vouches for it, so without that setting the browser shows no page.
        var careful = await NewPageAsync(origin);
        var exception = await Assert.ThrowsAsync<PlaywrightException>(() => careful.GotoAsync(origin + "/"));
        Assert.Contains("ERR_CERT_AUTHORITY_INVALID", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_of_a_page_is_loaded_with_its_password()
    {
        Files.Write("site/index.html", "<!DOCTYPE html><title>home</title><link rel=stylesheet href=a.css><script src=a.js></script><a href=names/>names</a>");
        Files.Write("site/a.js", "document.title += ' of anna'");
        Files.Write("site/a.css", "a { color: rgb(1, 2, 3) }");
        Files.Write("site/names/a.txt", "a");
        var users = Files.Write("users", Line);
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", Site, "--auth-file", users);
        var origin = $"http://127.0.0.1:{program.Port}";
        var page = await NewPageAsync(origin, new() { HttpCredentials = new() { Username = "anna", Password = "geheim" } });
        await page.GotoAsync(origin + "/");
        Assert.Equal("home of anna", await page.TitleAsync());
        Assert.Equal("rgb(1, 2, 3)", await page.Locator("a").EvaluateAsync<string>("a => getComputedStyle(a).color"));
        await page.GetByText("names").ClickAsync();
        Assert.Equal(1, await page.GetByText("a.txt", new() { Exact = true }).CountAsync());
    }

    [Fact]
    public async Task Without_a_password_there_is_nothing()
    {
        Expect(401);
        Files.Write("site/index.html", "<!DOCTYPE html><title>home</title>");
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-d", Site, "--auth-file", Files.Write("users", Line));
        var origin = $"http://127.0.0.1:{program.Port}";
        var page = await NewPageAsync(origin, new() { HttpCredentials = new() { Username = "anna", Password = "falsch" } });
        Assert.Equal(401, (await page.GotoAsync(origin + "/"))!.Status);
        Assert.Equal("401 Unauthorized", await page.Locator("h1").TextContentAsync());
    }
}
