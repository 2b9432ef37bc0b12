using System.Text.RegularExpressions;
using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>What people do with a listing.</summary>
public sealed class ListingTests(Chromium chromium) : BrowserTest(chromium)
{
    /// <summary>The names that are shown, from top to bottom.</summary>
    private const string ShownNames = "[...document.querySelectorAll('tbody tr:not([hidden]) a')].map(link => link.textContent)";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Columns_sort_with_scripts_and_without(bool hasScripts)
    {
        await using var server = Serve();
        var page = await NewPageAsync(server.Url, new() { JavaScriptEnabled = hasScripts });
        await page.GotoAsync(server.Url + "/list/");
        await AssertSortedAsync(page, "Name", "ascending", "sub/", "a2.txt", "a10.txt", "B.txt", "c.txt");
        await page.GetByRole(AriaRole.Columnheader, new() { Name = "Size" }).GetByRole(AriaRole.Link).ClickAsync();
        await AssertSortedAsync(page, "Size", "ascending", "sub/", "c.txt", "B.txt", "a10.txt", "a2.txt");
        await page.GetByRole(AriaRole.Columnheader, new() { Name = "Size" }).GetByRole(AriaRole.Link).ClickAsync();
        await AssertSortedAsync(page, "Size", "descending", "sub/", "a2.txt", "a10.txt", "B.txt", "c.txt");
        await page.GetByRole(AriaRole.Columnheader, new() { Name = "Modified" }).GetByRole(AriaRole.Link).ClickAsync();
        await AssertSortedAsync(page, "Modified", "ascending", "sub/", "B.txt", "a2.txt", "c.txt", "a10.txt");
        // The order goes along into directories and back.
        await page.GetByText("sub/", new() { Exact = true }).ClickAsync();
        Assert.Equal("ascending", await page.GetByRole(AriaRole.Columnheader, new() { Name = "Modified" }).GetAttributeAsync("aria-sort"));
        await page.Locator("#up a").ClickAsync();
        await AssertSortedAsync(page, "Modified", "ascending", "sub/", "B.txt", "a2.txt", "c.txt", "a10.txt");
    }

    [Fact]
    public async Task A_filter_leaves_what_fits()
    {
        await using var server = Serve();
        var page = await OpenAsync(server, "/list/");
        var filter = page.GetByRole(AriaRole.Searchbox);
        await filter.FillAsync("A");
        Assert.Equal(["../", "a2.txt", "a10.txt"], await page.EvaluateAsync<string[]>(ShownNames));
        Assert.Equal("2 of 5 shown", await page.Locator("output").TextContentAsync());
        await filter.FillAsync("nothing like it");
        Assert.Equal(["../"], await page.EvaluateAsync<string[]>(ShownNames));
        await filter.PressAsync("Escape");
        Assert.Equal(6, (await page.EvaluateAsync<string[]>(ShownNames)).Length);
    }

    [Fact]
    public async Task Everything_can_be_reached_by_keys()
    {
        await using var server = Serve();
        var page = await OpenAsync(server, "/list/");
        await page.Keyboard.PressAsync("ArrowDown");
        Assert.Equal("../", await FocusedAsync(page));
        await page.Keyboard.PressAsync("j");
        Assert.Equal("sub/", await FocusedAsync(page));
        await page.Keyboard.PressAsync("End");
        Assert.Equal("c.txt", await FocusedAsync(page));
        await page.Keyboard.PressAsync("k");
        Assert.Equal("B.txt", await FocusedAsync(page));
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("sub");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Home");
        await page.Keyboard.PressAsync("ArrowDown");
        Assert.Equal("sub/", await FocusedAsync(page));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/list/sub/$"));
        await page.Keyboard.PressAsync("Backspace");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/list/$"));
        // A name that is typed and entered opens the first that fits.
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("sub");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/list/sub/$"));

        // By Tab alone, as everywhere.
        await page.GotoAsync(server.Url + "/list/");
        var seen = new List<string>();
        for (var step = 0; step < 20 && !seen.Contains("c.txt"); step++)
        {
            await page.Keyboard.PressAsync("Tab");
            seen.Add(await FocusedAsync(page));
            Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        }

        Assert.Contains("Name", seen);
        Assert.Contains("c.txt", seen);
    }

    [Fact]
    public async Task The_way_back_leads_through_every_directory()
    {
        Files.Write("site/a b/<c>/d&e/file.txt", "x");
        await using var server = RunningServer.OfDirectory(Site);
        var page = await OpenAsync(server, "/a%20b/%3Cc%3E/d&e/");
        var path = page.GetByRole(AriaRole.Navigation, new() { Name = "Path" });
        Assert.Equal("d&e", await path.Locator("[aria-current=page]").TextContentAsync());
        await path.GetByRole(AriaRole.Link, new() { Name = "<c>" }).ClickAsync();
        Assert.Equal(["../", "d&e/"], await page.EvaluateAsync<string[]>(ShownNames));
        await path.GetByRole(AriaRole.Link, new() { Name = "a b" }).ClickAsync();
        Assert.Equal(["../", "<c>/"], await page.EvaluateAsync<string[]>(ShownNames));
        await path.GetByRole(AriaRole.Link, new() { Name = "Home" }).ClickAsync();
        Assert.Equal(["a b/"], await page.EvaluateAsync<string[]>(ShownNames));
    }

    [Fact]
    public async Task Dates_are_the_readers_own()
    {
        Files.Write("site/a.txt", "a");
        File.SetLastWriteTimeUtc(Path.Combine(Site, "a.txt"), new DateTime(2020, 6, 1, 23, 30, 0, DateTimeKind.Utc));
        await using var server = RunningServer.OfDirectory(Site);
        var page = await NewPageAsync(server.Url, new() { TimezoneId = "Asia/Tokyo", Locale = "de-DE" });
        await page.GotoAsync(server.Url + "/");
        var time = page.Locator("time").First;
        Assert.Equal("2020-06-01T23:30:00.000Z", await time.GetAttributeAsync("datetime"));
        Assert.Contains("02.06.2020", await time.TextContentAsync(), StringComparison.Ordinal);
        Assert.Contains("08:30", await time.TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thousands_of_names_are_filtered_and_walked_through()
    {
        for (var number = 0; number < 5000; number++)
            Files.Write($"site/many/file {number}.txt", "");
        await using var server = RunningServer.OfDirectory(Site);
        var page = await OpenAsync(server, "/many/");
        Assert.Equal(5000, await page.Locator("tbody tr:not(#up)").CountAsync());
        await page.GetByRole(AriaRole.Searchbox).FillAsync("file 499");
        Assert.Equal("11 of 5000 shown", await page.Locator("output").TextContentAsync());
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("End");
        Assert.Equal("file 4999.txt", await FocusedAsync(page));
        await page.Keyboard.PressAsync("Escape");
        Assert.Equal(5001, (await page.EvaluateAsync<string[]>(ShownNames)).Length);
    }

    [Fact]
    public async Task An_empty_directory_says_so()
    {
        Files.MakeDirectory("site/empty");
        await using var server = RunningServer.OfDirectory(Site);
        var page = await OpenAsync(server, "/empty/");
        Assert.Equal("This directory is empty", await page.Locator("caption").TextContentAsync());
        Assert.True(await page.Locator("input[type=search]").IsHiddenAsync());
    }

    private static Task<string> FocusedAsync(IPage page) => page.EvaluateAsync<string>("document.activeElement.textContent");

    private static async Task AssertSortedAsync(IPage page, string column, string order, params string[] names)
    {
        Assert.Equal(names.Prepend("../"), await page.Locator("tbody a").AllTextContentsAsync());
        foreach (var title in new[] { "Name", "Size", "Modified" })
            Assert.Equal(title == column ? order : null, await page.GetByRole(AriaRole.Columnheader, new() { Name = title }).GetAttributeAsync("aria-sort"));
    }

    private RunningServer Serve()
    {
        var day = 0;
        foreach (var (name, size) in new[] { ("B.txt", 20), ("a2.txt", 4000), ("c.txt", 10), ("a10.txt", 300) })
        {
            var path = Files.Write("site/list/" + name, new string('x', size));
            File.SetLastWriteTimeUtc(path, new DateTime(2020, 6, 1, 12, 0, 0, DateTimeKind.Utc).AddDays(day++));
        }

        Files.Write("site/list/sub/deep.txt", "deep");
        return RunningServer.OfDirectory(Site);
    }

    private async Task<IPage> OpenAsync(RunningServer server, string path)
    {
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + path);
        return page;
    }
}
