using System.Globalization;
using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>How pages look, in light and dark, on desks and phones; pictures of them are left in the folder screenshots beside the tests.</summary>
public sealed class AppearanceTests(Chromium chromium) : BrowserTest(chromium)
{
    /// <summary>Texts whose contrast with what is behind them is below 4.5, the least of WCAG 2.2 (1.4.3), as computed from their styles.</summary>
    private const string PoorContrasts =
        """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const parse = color => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
            return [r, g, b, a / 255];
          };
          const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
          const light = color => {
            const [r, g, b] = color.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const dark = matchMedia('(prefers-color-scheme: dark)').matches;
          const behind = element => {
            const all = [];
            for (let e = element; e; e = e.parentElement) all.push(parse(getComputedStyle(e).backgroundColor));
            return all.reverse().reduce((below, top) => over(top, below), dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
          };
          const poor = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let seen = 0;
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.closest('script, style, [aria-hidden=true]')) continue;
            seen++;
            const below = behind(element), above = over(parse(getComputedStyle(element).color), below);
            const [high, low] = [light(above), light(below)].sort((a, b) => b - a);
            const ratio = (high + 0.05) / (low + 0.05);
            if (ratio < 4.5) poor.push(`${element.localName} '${element.textContent.slice(0, 30)}' ${ratio.toFixed(2)}`);
          }
          if (!seen) poor.push('no text at all');
          return poor;
        }
        """;

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
        Assert.Empty(await page.EvaluateAsync<string[]>(PoorContrasts));
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
