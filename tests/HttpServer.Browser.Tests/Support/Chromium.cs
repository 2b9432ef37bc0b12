using Http.Server.Browser.Tests.Support;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Http.Server.Browser.Tests.Support;

/// <summary>
/// The one browser of a test run: the system's Chromium, Chrome or Edge, driven by Playwright. Playwright's own download of browsers is
/// never needed. Started by the first test that wants it.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names =
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "microsoft-edge-stable", "msedge"];

    private readonly SemaphoreSlim _starting = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.CloseAsync();
        _playwright?.Dispose();
        _starting.Dispose();
    }

    /// <summary>A new profile in the browser; the test is skipped if there is none, with a reason that says what to install.</summary>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options)
    {
        var program = Find();
        Assert.SkipWhen(program is null, "No browser is installed: install the package chromium (or Chrome or Edge).");
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            _browser ??= await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = program,
                // Root has no sandbox, and a container often has none for anybody; the pages are the tests' own.
                ChromiumSandbox = false,
                Args =
                [
                    "--disable-gpu", "--disable-quic", "--no-proxy-server",
                    // No name leads anywhere: whatever a page asks of the world fails, and is seen.
                    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
                ],
            });
        }
        finally
        {
            _starting.Release();
        }

        return await _browser.NewContextAsync(options);
    }

    private static string? Find()
    {
        var folders = OperatingSystem.IsWindows()
            ? new[] { "ProgramFiles", "ProgramFiles(x86)" }.SelectMany(name => Environment.GetEnvironmentVariable(name) is { } programs
                ? new[] { Path.Combine(programs, "Google", "Chrome", "Application"), Path.Combine(programs, "Microsoft", "Edge", "Application") }
                : [])
            : [];
        string[] places = OperatingSystem.IsMacOS()
            ? ["/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"]
            : [];
        return Tool.Find([.. Names, .. folders.SelectMany(folder => Names.Select(name => Path.Combine(folder, name))), .. places]);
    }
}
