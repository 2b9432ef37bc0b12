using System.Text.RegularExpressions;
using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>Names that break pages, forms and links if anything is not escaped.</summary>
public sealed partial class HostileNamesTests(Chromium chromium) : BrowserTest(chromium)
{
    private static readonly string[] Names = [.. HostileNames.All];

    [Fact]
    public async Task A_listing_shows_names_as_text_and_nothing_comes_of_them()
    {
        await using var server = Serve();
        var page = await OpenListingAsync(server);
        Assert.Equal("CSS1Compat", await page.EvaluateAsync<string>("document.compatMode"));
        var texts = await page.Locator("a").EvaluateAllAsync<string[]>("links => links.map(link => link.textContent)");
        foreach (var name in Names)
            Assert.Contains(Shown(name), texts);
        Assert.Equal(0, await page.EvaluateAsync<int>("[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/i.test(a.name))).length"));
        Assert.Equal(0, await page.Locator("iframe, object, embed, base, img[src^='http']").CountAsync());
    }

    [Fact]
    public async Task Links_lead_to_their_files()
    {
        await using var server = Serve();
        var page = await OpenListingAsync(server);
        var links = await LinksAsync(page, server);
        Assert.Equal(Names.Select(Shown).Order(StringComparer.Ordinal), links.Select(link => link.Text).Order(StringComparer.Ordinal));
        var contents = await FetchAsync(page, server, [.. links.Select(link => link.Address)]);
        Assert.Equal(links.Select(link => link.Text), contents.Select(Shown));
    }

    [Fact]
    public async Task A_click_loads_the_file()
    {
        // Those that a browser could take for something else than a file.
        string[] names = ["a#b", "%2F", "%2e%2e", "javascript:alert(1)", "a?b=c", "?", "\\\\evil.example", "..\\up", "new\nline", " "];
        await using var server = Serve();
        var page = await OpenListingAsync(server);
        var texts = await LinkTextsAsync(page);
        foreach (var name in names.Intersect(Names))
        {
            var at = Array.IndexOf(texts, Shown(name));
            var download = await page.RunAndWaitForDownloadAsync(() => page.Locator("a").Nth(at).ClickAsync());
            Assert.Equal(name, await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_form_is_read_as_it_was_filled_in()
    {
        string[] names = [.. Names, "say \"hi\"", "a\"; filename=\"b", "C:\\fakepath\\a.txt", "end\\", "\u00e9\r\nX: y"];
        List<ReceivedPart>? received = null;
        await using var server = ActionHandler.ServeAsync(async handler =>
        {
            if (handler.Command == "POST")
                received = await ReceivedPart.ReadAllAsync(handler.Rfile, MultipartReader.BoundaryOf(handler.Headers["Content-Type"])!);
            handler.SendText("<!DOCTYPE html><title>form</title>", "text/html; charset=utf-8");
        });
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/");
        Assert.Equal(200, await page.EvaluateAsync<int>(
            """
            async names => {
              const form = new FormData();
              for (const name of names) {
                form.append(name, 'field');
                form.append('file', new Blob(['content']), name);
              }
              return (await fetch('/', { method: 'POST', body: form })).status;
            }
            """, names));

        // The browser makes every line break in a field's name CRLF. Of backslashes it writes as they are, two are taken for one.
        Assert.Equal(
            names.SelectMany(name => new (string?, string?, string)[]
            {
                (LineBreak().Replace(name, "\r\n").Replace("\\\\", "\\", StringComparison.Ordinal), null, "field"),
                ("file", name[(name.LastIndexOf('\\') + 1)..], "content"),
            }),
            received!.Select(part => (part.Name, part.FileName, part.Content)));
    }

    /// <summary>A file's name as the page shows it: control characters by their pictures, as HTML cannot hold them.</summary>
    private static string Shown(string name) => string.Concat(name.Select(character => character switch
    {
        '\t' or '\n' => character,
        < ' ' => (char)('\u2400' + character),
        '\u007f' => '\u2421',
        >= '\u0080' and <= '\u009f' => '\uFFFD',
        _ => character,
    }));

    private static Task<string[]> LinkTextsAsync(IPage page) => page.Locator("a").EvaluateAllAsync<string[]>("links => links.map(link => link.textContent)");

    /// <summary>The links to what lies in the listed directory, with the addresses that the browser makes of them.</summary>
    private static async Task<List<(string Text, string Address)>> LinksAsync(IPage page, RunningServer server)
    {
        var pairs = await page.Locator("a").EvaluateAllAsync<string[][]>("links => links.map(link => [link.textContent, link.href])");
        var inside = $"{server.Url}/names/";
        return [.. pairs.Select(pair => (pair[0], pair[1])).Where(link => link.Item2.StartsWith(inside, StringComparison.Ordinal) && new Uri(link.Item2).AbsolutePath != "/names/")];
    }

    /// <summary>Loads addresses in a page that no policy forbids to.</summary>
    private static async Task<string[]> FetchAsync(IPage page, RunningServer server, string[] addresses)
    {
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(server.Url + "/blank.html");
        return await other.EvaluateAsync<string[]>("async urls => Promise.all(urls.map(async url => (await fetch(url)).text()))", addresses);
    }

    private RunningServer Serve()
    {
        foreach (var name in Names)
            Files.Write("site/names/" + name, name);
        Files.Write("site/blank.html", "<!DOCTYPE html><title>blank</title>");
        return RunningServer.OfDirectory(Site);
    }

    private async Task<IPage> OpenListingAsync(RunningServer server)
    {
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/names/");
        return page;
    }

    [GeneratedRegex("\r\n|\r|\n")]
    private static partial Regex LineBreak();
}
