using Http.Server.Documentation.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Documentation.Tests;

/// <summary>The recipe of a login page as its users have it: in a browser, with its forms, its cookie and its roles.</summary>
public sealed class LoginRecipeTests(CSharpSamples samples)
{
    [Fact]
    public async Task A_user_logs_in_goes_where_his_role_lets_him_and_logs_out()
    {
        var sections = Document.All.Single(static document => document.Name == "docs/recipes.md").Sections;
        using var run = new SampleRun("docs/recipes.md", samples);
        using var playwright = await Playwright.CreateAsync();
        var browser = await LaunchAsync(playwright);
        try
        {
            var context = await browser.NewContextAsync();
            await run.RunAsync(sections.Single(static section => section.Heading == "A login page").Fences.First(static fence => fence.Language == "powershell"));
            var origin = $"http://127.0.0.1:{run.PortOf(8080)}";
            var page = await context.NewPageAsync();
            context.SetDefaultTimeout(30_000);

            await page.GotoAsync(origin + "/ops");
            Assert.Equal(origin + "/login?returnTo=%2Fops", page.Url);
            await LogInAsync(page, "anna", "wrong");
            Assert.Contains("The name or the password is wrong", await page.InnerTextAsync("body"), StringComparison.Ordinal);
            Assert.Equal("", await page.EvaluateAsync<string>("document.cookie"));
            var before = Assert.Single(await context.CookiesAsync());

            await page.GotoAsync(origin + "/ops");
            await LogInAsync(page, "anna", "geheim");
            Assert.Equal((origin + "/ops", "For Ops alone."), (page.Url, await page.InnerTextAsync("body")));
            var after = Assert.Single(await context.CookiesAsync());
            Assert.Equal(("HttpServerSession", true, -1f), (after.Name, after.HttpOnly, after.Expires));
            Assert.NotEqual(before.Value, after.Value);

            await page.GotoAsync(origin + "/");
            await page.ReloadAsync();
            Assert.Contains("Hello, anna. You are here for the 2. time.", await page.InnerTextAsync("body"), StringComparison.Ordinal);
            Assert.Equal(403, await page.EvaluateAsync<int>("fetch('/logout', { method: 'POST', body: new URLSearchParams() }).then(answer => answer.status)"));
            await page.ClickAsync("text=Log out");
            Assert.Equal(origin + "/login", page.Url);
            await page.GotoAsync(origin + "/");
            Assert.Equal(origin + "/login?returnTo=%2F", page.Url);

            await LogInAsync(page, "otto", "secret");
            Assert.Contains("Hello, otto. You are here for the 1. time.", await page.InnerTextAsync("body"), StringComparison.Ordinal);
            Assert.Equal(403, (await page.GotoAsync(origin + "/ops"))!.Status);
        }
        finally
        {
            await browser.CloseAsync();
        }
    }

    /// <summary>The system's browser; the test is skipped if there is none, with a reason that says what to install.</summary>
    private static async Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome", "chrome", "microsoft-edge", "msedge"];
        var program = Tool.Find(names);
        Assert.SkipWhen(program is null, "No browser is installed: install the package chromium (or Chrome or Edge).");
        // Root has no sandbox, and a container often has none for anybody; the pages are the sample's own.
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, ChromiumSandbox = false, Args = ["--disable-gpu", "--no-proxy-server"] });
    }

    private static async Task LogInAsync(IPage page, string user, string password)
    {
        await page.FillAsync("[name=user]", user);
        await page.FillAsync("[name=password]", password);
        await page.ClickAsync("button");
    }
}
