using System.Text;
using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>The form of a listing that takes files in.</summary>
public sealed class UploadTests(Chromium chromium) : BrowserTest(chromium)
{
    private RunningServer? _server;

    private string Folder => Files.MakeDirectory("site/sub folder");

    public override async ValueTask DisposeAsync()
    {
        try
        {
            // The pages first: one may be reading its list anew.
            await base.DisposeAsync();
        }
        finally
        {
            if (_server is not null)
                await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_listing_has_no_form_unless_files_are_taken_in()
    {
        await using var server = RunningServer.OfDirectory(Site);
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/");
        Assert.Equal(0, await page.Locator("form, input[type=file]").CountAsync());
    }

    [Fact]
    public async Task A_browser_without_scripts_sends_a_plain_form_and_comes_back_to_the_list()
    {
        var page = await OpenAsync(options: new() { JavaScriptEnabled = false });
        await page.GetByLabel("Upload files").SetInputFilesAsync([File("a b.txt", "a"), File("\u00fc&\"<i>.txt", "b")]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Upload", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr:not(#up) a")).ToHaveTextAsync(["a b.txt", "\u00fc&\"<i>.txt"]);
        Assert.Equal($"{_server!.Url}/sub%20folder/", page.Url);
        Assert.Equal("b", System.IO.File.ReadAllText(Path.Combine(Folder, "\u00fc&\"<i>.txt")));
    }

    [Fact]
    public async Task Files_are_sent_as_soon_as_they_are_chosen_and_the_list_is_read_anew()
    {
        Files.Write("site/sub folder/old.txt", "old");
        var page = await OpenAsync();
        var form = page.Locator("#send");
        await Assertions.Expect(form.GetByRole(AriaRole.Button, new() { Name = "Upload", Exact = true })).ToBeHiddenAsync();
        await page.GetByLabel("Upload files").SetInputFilesAsync([File("10.txt", "ten"), File("9 %41#?.bin", new string('x', 2_000_000)), File("empty", "")]);
        await Assertions.Expect(page.Locator("#sent li span")).ToHaveTextAsync(["Stored, 3 B", "Stored, 1.9 MiB", "Stored, 0 B"]);
        await Assertions.Expect(page.Locator("tbody tr:not(#up) a")).ToHaveTextAsync(["9 %41#?.bin", "10.txt", "empty", "old.txt"]);
        await Assertions.Expect(page.GetByRole(AriaRole.Status).Last).ToHaveTextAsync("3 files stored");
        Assert.Equal(2_000_000, new FileInfo(Path.Combine(Folder, "9 %41#?.bin")).Length);

        // What works on the list works on the new one.
        await page.GetByLabel("Filter by name").FillAsync("txt");
        await Assertions.Expect(page.Locator("tbody tr:not(#up):visible a")).ToHaveTextAsync(["10.txt", "old.txt"]);
        await page.GetByLabel("Filter by name").PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Backspace");
        await Assertions.Expect(page).ToHaveURLAsync(_server!.Url + "/");
    }

    [Fact]
    public async Task Files_are_dropped_anywhere_on_the_page()
    {
        var page = await OpenAsync();
        var transfer = await page.EvaluateHandleAsync(
            "() => { const t = new DataTransfer(); t.items.add(new File(['one'], 'one.txt')); t.items.add(new File(['two'], 'two.txt')); return t }");
        await page.DispatchEventAsync("caption", "dragover", new { dataTransfer = transfer });
        await Assertions.Expect(page.Locator("body.drop")).ToHaveCountAsync(1);
        await page.DispatchEventAsync("caption", "drop", new { dataTransfer = transfer });
        await Assertions.Expect(page.Locator("body.drop")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("tbody tr:not(#up) a")).ToHaveTextAsync(["one.txt", "two.txt"]);
        Assert.Equal("two", System.IO.File.ReadAllText(Path.Combine(Folder, "two.txt")));
    }

    [Fact]
    public async Task Text_that_is_dragged_is_none_of_its_business()
    {
        var page = await OpenAsync();
        var transfer = await page.EvaluateHandleAsync("() => { const t = new DataTransfer(); t.setData('text/plain', 'x'); return t }");
        await page.DispatchEventAsync("caption", "dragover", new { dataTransfer = transfer });
        await Assertions.Expect(page.Locator("body.drop")).ToHaveCountAsync(0);
        await page.DispatchEventAsync("caption", "drop", new { dataTransfer = transfer });
        await Assertions.Expect(page.Locator("#sent li")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_told_without_sending_and_behind_the_page_s_back_as_well()
    {
        Expect(412);
        Files.Write("site/sub folder/old.txt", "old");
        var page = await OpenAsync();
        Files.Write("site/sub folder/newer.txt", "old");
        await page.GetByLabel("Upload files").SetInputFilesAsync([File("old.txt", "new"), File("newer.txt", "new"), File("other.txt", "new")]);
        await Assertions.Expect(page.Locator("#sent li span")).ToHaveTextAsync([
            "A file of this name is there already, and this server replaces none.", "A file of this name is there already, and this server replaces none.", "Stored, 3 B"]);
        Assert.Equal("old", System.IO.File.ReadAllText(Path.Combine(Folder, "old.txt")));
        Assert.Equal("old", System.IO.File.ReadAllText(Path.Combine(Folder, "newer.txt")));
    }

    [Fact]
    public async Task A_file_is_replaced_when_that_is_allowed_and_wanted()
    {
        Files.Write("site/sub folder/old.txt", "old");
        var page = await OpenAsync(static handler => handler.AllowOverwrite = true);
        await page.GetByLabel("Upload files").SetInputFilesAsync(File("old.txt", "new"));
        await Assertions.Expect(page.Locator("#sent li span")).ToHaveTextAsync(["A file of this name is there already."]);
        Assert.Equal("old", System.IO.File.ReadAllText(Path.Combine(Folder, "old.txt")));
        await page.GetByRole(AriaRole.Button, new() { Name = "Replace old.txt" }).ClickAsync();
        await Assertions.Expect(page.Locator("#sent li span")).ToHaveTextAsync(["Replaced, 3 B"]);
        Assert.Equal("new", System.IO.File.ReadAllText(Path.Combine(Folder, "old.txt")));
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_told_with_the_limit()
    {
        var page = await OpenAsync(serverOptions: new() { MaxRequestBodySize = 2048 });
        await page.GetByLabel("Upload files").SetInputFilesAsync([File("large.bin", new string('x', 2049)), File("fits.bin", new string('x', 2048))]);
        await Assertions.Expect(page.Locator("#sent li span")).ToHaveTextAsync(["The file is larger than the 2.0 KiB that this server takes.", "Stored, 2.0 KiB"]);
    }

    [Fact]
    public async Task What_the_server_says_is_shown_and_a_full_disk_and_a_lost_connection_can_be_tried_again()
    {
        foreach (var status in new[] { 403, 507 })
            Expect(status);
        ExpectLostConnections();
        var page = await OpenAsync(static handler => handler.HideDotfiles = true);
        await page.GetByLabel("Upload files").SetInputFilesAsync(File(".hidden", "x"));
        await Assertions.Expect(page.Locator("#sent li span")).ToHaveTextAsync(["Names that begin with a dot are hidden here."]);

        await page.RouteAsync("**/full.bin", route => route.FulfillAsync(new() { Status = 507 }));
        await page.RouteAsync("**/lost.bin", route => route.AbortAsync());
        await page.GetByLabel("Upload files").SetInputFilesAsync([File("full.bin", "x"), File("lost.bin", "x")]);
        await Assertions.Expect(page.Locator("#sent li span")).ToHaveTextAsync([
            "Names that begin with a dot are hidden here.", "There is no room for it: the disk of the server is full.", "The connection was lost."]);
        await page.UnrouteAllAsync();
        foreach (var name in new[] { "full.bin", "lost.bin" })
            await page.GetByRole(AriaRole.Button, new() { Name = "Retry " + name }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr:not(#up) a")).ToHaveTextAsync(["full.bin", "lost.bin"]);
    }

    [Theory]
    [InlineData(320, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task The_form_fits_on_a_phone_and_is_readable_in_the_dark(int width, ColorScheme scheme)
    {
        Files.Write("site/sub folder/old.txt", "old");
        var page = await OpenAsync(options: new() { ViewportSize = new() { Width = width, Height = 700 }, ColorScheme = scheme });
        await page.GetByLabel("Upload files").SetInputFilesAsync([File(new string('n', 200) + ".txt", "x"), File("old.txt", "x")]);
        await Assertions.Expect(page.Locator("#sent .bad")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("tbody tr:not(#up)")).ToHaveCountAsync(2);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        // The least contrast for text is 4.5 (WCAG 2.2, 1.4.3).
        var contrasts = await page.EvaluateAsync<double[]>(
            """
            () => { const light = c => { const [r, g, b] = c.match(/[\d.]+/g).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                return .2126 * r + .7152 * g + .0722 * b };
              const back = light(getComputedStyle(document.body).backgroundColor);
              return [...document.querySelectorAll('#send label, #send span, #sent b, #sent span')].map(e => light(getComputedStyle(e).color))
                .map(l => (Math.max(l, back) + .05) / (Math.min(l, back) + .05)) }
            """);
        Assert.All(contrasts, contrast => Assert.InRange(contrast, 4.5, 21));
        if (Environment.GetEnvironmentVariable("UPLOAD_PICTURES") is { } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"upload-{width}.png") });
    }

    private static FilePayload File(string name, string content) => new() { Name = name, MimeType = "application/octet-stream", Buffer = Encoding.UTF8.GetBytes(content) };

    private async Task<IPage> OpenAsync(Action<SimpleHttpRequestHandler>? configure = null, HttpServerOptions? serverOptions = null, BrowserNewContextOptions? options = null)
    {
        _ = Folder;
        _server = RunningServer.OfDirectory(
            Site,
            handler =>
            {
                handler.AllowUpload = true;
                configure?.Invoke(handler);
            },
            serverOptions);
        var page = await NewPageAsync(_server.Url, options);
        await page.GotoAsync(_server.Url + "/sub%20folder/");
        return page;
    }
}
