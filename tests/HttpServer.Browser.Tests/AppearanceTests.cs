using System.Globalization;
using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>How pages look, in light and dark, on desks and phones; pictures of them are left in the folder screenshots beside the tests.</summary>
public sealed class AppearanceTests(Chromium chromium) : BrowserTest(chromium)
{
    public static TheoryData<string, string, int> Looks
    {
        get
        {
            var looks = new TheoryData<string, string, int>();
            foreach (var path in new[] { "/", "/folder/", "/missing" })
            {
                foreach (var scheme in new[] { "light", "dark" })
                {
                    foreach (var width in new[] { 360, 1280 })
                        looks.Add(path, scheme, width);
                }
            }

            return looks;
        }
    }

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Pages_can_be_read(string path, string scheme, int width)
    {
        Expect(404);
        Files.Write("site/folder/" + string.Concat(Enumerable.Repeat("a long name without a break ", 8)).Trim().Replace(' ', '_') + ".txt", "x");
        Files.Write("site/folder/image.png", "x");
        Files.Write("site/folder/sub/deep.txt", "x");
        Files.Write("site/read me.txt", new string('x', 123_456));
        await using var server = RunningServer.OfDirectory(Site);
        var page = await NewPageAsync(server.Url, new()
        {
            ViewportSize = new() { Width = width, Height = 740 },
            ColorScheme = scheme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
            IsMobile = width < 500,
            HasTouch = width < 500,
        });
        await page.GotoAsync(server.Url + path);
        var picture = Path.Combine(AppContext.BaseDirectory, "screenshots", string.Create(CultureInfo.InvariantCulture, $"{path.Trim('/').PadLeft(1, '-')}-{scheme}-{width}.png"));
        var bytes = await page.ScreenshotAsync(new() { Path = picture, FullPage = true });
        Assert.Empty(await page.EvaluateAsync<string[]>(PageScripts.PoorContrasts));
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth") <= 0, "The page is wider than the window.");

        // What is really painted, at a corner where nothing stands.
        var light = await LightnessAsync(page, bytes);
        Assert.True(scheme == "dark" ? light < 80 : light > 200, $"The background's lightness is {light} of 255.");
    }

    [Fact]
    public async Task A_listing_tells_what_its_parts_are()
    {
        Files.Write("site/folder/a.txt", "a");
        Files.Write("site/folder/b.txt", "b");
        await using var server = RunningServer.OfDirectory(Site);
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/folder/");
        Assert.Equal("en", await page.Locator("html").GetAttributeAsync("lang"));
        Assert.Equal("Directory listing for /folder/", (await page.TitleAsync()).TrimEnd('/') + "/");
        Assert.Equal(1, await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).CountAsync());
        Assert.Equal(1, await page.GetByRole(AriaRole.Main).CountAsync());
        Assert.Equal(1, await page.GetByRole(AriaRole.Navigation).CountAsync());
        Assert.Equal(3, await page.GetByRole(AriaRole.Columnheader).CountAsync());
        Assert.Equal(1, await page.GetByRole(AriaRole.Searchbox, new() { Name = "Filter by name" }).CountAsync());
        Assert.Equal(1, await page.Locator("output").CountAsync());
        // Whatever can be used has a name, and no name of an element stands twice.
        Assert.Empty(await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('a, button, input, select, textarea')]
              .filter(e => e.checkVisibility() && !(e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim()))
              .map(e => e.outerHTML)
            """));
        Assert.Empty(await page.EvaluateAsync<string[]>("() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.filter((id, at) => ids.indexOf(id) !== at); }"));
        Assert.Empty(await page.EvaluateAsync<string[]>("() => [...document.images].filter(e => e.alt === null || !e.hasAttribute('alt')).map(e => e.outerHTML)"));
    }

    /// <summary>On a phone what is touched is large enough for a finger: 24 by 24 at least (WCAG 2.2, 2.5.8).</summary>
    [Fact]
    public async Task On_a_phone_links_are_large_enough()
    {
        for (var number = 0; number < 10; number++)
            Files.Write($"site/{number}.txt", "x");
        await using var server = RunningServer.OfDirectory(Site);
        var page = await NewPageAsync(server.Url, new() { ViewportSize = new() { Width = 360, Height = 740 }, IsMobile = true, HasTouch = true });
        await page.GotoAsync(server.Url + "/");
        var heights = await page.Locator("tbody a").EvaluateAllAsync<double[]>("links => links.map(link => Math.max(link.getBoundingClientRect().height, link.closest('tr').getBoundingClientRect().height))");
        Assert.All(heights, height => Assert.True(height >= 24, $"A row is {height} high."));
    }

    /// <summary>How light a picture's lower right corner is. Another page looks, which no policy forbids to.</summary>
    private static async Task<int> LightnessAsync(IPage page, byte[] picture)
    {
        var other = await page.Context.NewPageAsync();
        return await other.EvaluateAsync<int>(
            """
            async data => {
              const image = new Image();
              image.src = 'data:image/png;base64,' + data;
              await image.decode();
              const canvas = document.createElement('canvas').getContext('2d');
              canvas.drawImage(image, 2 - image.width, 2 - image.height);
              const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
              return Math.round((r + g + b) / 3);
            }
            """, Convert.ToBase64String(picture));
    }
}
