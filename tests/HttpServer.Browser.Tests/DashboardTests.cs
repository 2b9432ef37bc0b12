using System.Diagnostics;
using System.Globalization;
using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests;

/// <summary>The page that shows what a server of the module does; pictures of it are left in the folder screenshots beside the tests.</summary>
public sealed class DashboardTests(Chromium chromium) : BrowserTest(chromium)
{
    private const string Script = """
        $server = Start-HttpServer -Port 0 -Bind 127.0.0.1 -NoFiles -Dashboard /_status -Name Shop
        Register-HttpHandler GET '/items/{Id:int}' { param([int] $Id) @{ id = $Id } } -Name Items
        Register-HttpHandler POST '/orders/of/a/customer/with/a/long/path/{Customer}/{Order}' { 'ordered' } -Name Orders
        Register-HttpHandler GET /fail { throw '<b>out of stock</b>' } -Name Fail
        Register-HttpEventStream /events -Channel Jobs
        [Console]::Out.WriteLine("uri $($server.Uri)")
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private Process _host = null!;
    private string _url = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var host = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../src/HttpServer.Host/bin",
            new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "httpserver-host.dll"));
        _host = Process.Start(new ProcessStartInfo("dotnet", [host, Files.Write("server.ps1", Script)]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        while (!_url.StartsWith("http", StringComparison.Ordinal))
        {
            var line = await _host.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("The host has ended.");
            _url = line.StartsWith("uri ", StringComparison.Ordinal) ? line[4..].TrimEnd('/') : "";
        }

        _ = _host.StandardOutput.ReadToEndAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        ExpectLostConnections();
        if (!_host.HasExited)
            _host.Kill(entireProcessTree: true);
        await _host.WaitForExitAsync();
        _host.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_page_shows_what_happens_as_it_happens()
    {
        var page = await NewPageAsync(_url);
        await page.GotoAsync(_url + "/_status");
        await page.Locator("#link.live").WaitForAsync();
        Assert.Equal("Shop: status", await page.TitleAsync());
        Assert.Equal("0", await CellAsync(page, "Items", 3));
        using var client = new HttpClient();
        for (var request = 0; request < 3; request++)
            (await client.GetAsync(_url + "/items/1", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        Assert.Equal(500, (int)(await client.GetAsync(_url + "/fail", TestContext.Current.CancellationToken)).StatusCode);
        await WaitAsync(page, async () => await CellAsync(page, "Items", 3) == "3");
        Assert.Matches("^[0-9.]+ (m?s)$", await CellAsync(page, "Items", 6));
        await WaitAsync(page, async () => await page.Locator("#errors").TextContentAsync() == "1");
        Assert.Equal("1", await CellAsync(page, "Fail", 4));
        // What a handler says is text, and no part of the page.
        await WaitAsync(page, async () => (await page.Locator("#log tr.error td.text").AllTextContentsAsync())
            .Any(static text => text.Contains("<b>out of stock</b>", StringComparison.Ordinal)));
        Assert.Equal(0, await page.Locator("#log b").CountAsync());
        Assert.Equal("Running", await page.Locator("#servers tr td").Nth(2).TextContentAsync());
        await WaitAsync(page, async () => (await page.Locator("polyline").GetAttributeAsync("points"))?.Contains(' ') == true);
    }

    [Fact]
    public async Task A_page_of_a_server_that_has_ended_says_so()
    {
        var page = await NewPageAsync(_url);
        ExpectLostConnections();
        await page.GotoAsync(_url + "/_status");
        await page.Locator("#link.live").WaitForAsync();
        _host.Kill(entireProcessTree: true);
        await page.Locator("#link.lost").WaitForAsync();
    }

    [Theory]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    [InlineData("light", 1280)]
    [InlineData("dark", 1280)]
    public async Task It_can_be_read(string scheme, int width)
    {
        using var client = new HttpClient();
        for (var request = 0; request < 25; request++)
            await client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"{_url}/items/{request}"), TestContext.Current.CancellationToken);
        await client.PostAsync(_url + "/orders/of/a/customer/with/a/long/path/4711/0815", null, TestContext.Current.CancellationToken);
        await client.GetAsync(_url + "/fail", TestContext.Current.CancellationToken);
        var page = await NewPageAsync(_url, new()
        {
            ViewportSize = new() { Width = width, Height = 844 },
            ColorScheme = scheme == "dark" ? ColorScheme.Dark : ColorScheme.Light,
            IsMobile = width < 500,
            HasTouch = width < 500,
        });
        await page.GotoAsync(_url + "/_status");
        await page.Locator("#link.live").WaitForAsync();
        await WaitAsync(page, async () => await page.Locator("#rate").TextContentAsync() != "–");
        var picture = Path.Combine(AppContext.BaseDirectory, "screenshots", string.Create(CultureInfo.InvariantCulture, $"dashboard-{scheme}-{width}.png"));
        await page.ScreenshotAsync(new() { Path = picture, FullPage = true });
        Assert.Empty(await page.EvaluateAsync<string[]>(PageScripts.PoorContrasts));
        Assert.True(await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth") <= 0, "The page is wider than the window.");
    }

    /// <summary>Asks the page again and again: its policy lets no text of a test run in it.</summary>
    private static async Task WaitAsync(IPage page, Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await isSo())
            await page.WaitForTimeoutAsync(50).WaitAsync(limit.Token);
        limit.Token.ThrowIfCancellationRequested();
    }

    private static async Task<string?> CellAsync(IPage page, string handler, int column)
    {
        var row = page.Locator("#handlers tr").Filter(new() { Has = page.GetByRole(AriaRole.Cell, new() { Name = handler, Exact = true }) });
        return await row.Locator("td").Nth(column).TextContentAsync();
    }
}
