using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Http.Server.Browser.Tests.Support;

/// <summary>
/// A test that looks at pages. Whatever goes wrong in them fails it: an error on the console, an exception of a script, a violation of a
/// Content-Security-Policy, a request that leaves the server.
/// </summary>
public abstract class BrowserTest(Chromium chromium) : IAsyncLifetime
{
    /// <summary>How the browser's console begins what it says of an answer that is an error.</summary>
    private const string FailedLoad = "Failed to load resource: the server responded with a status of ";

    /// <summary>Violations are on the console too, but not those of a policy that only reports.</summary>
    private const string WatchPolicies =
        "document.addEventListener('securitypolicyviolation', e => console.error(`CSP: ${e.effectiveDirective} forbids ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber}`))";

    private readonly List<IBrowserContext> _contexts = [];
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentDictionary<int, bool> _expected = new();
    private volatile bool _expectsLoss;

    /// <summary>A directory of the test's own.</summary>
    private protected TempDirectory Files { get; } = new();

    /// <summary>What is served.</summary>
    private protected string Site => Files.MakeDirectory("site");

    public virtual ValueTask InitializeAsync() => default;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
            await context.CloseAsync();
        Files.Dispose();
        GC.SuppressFinalize(this);
        Assert.Empty(_problems);
    }

    /// <summary>What went wrong in the pages so far.</summary>
    private protected IReadOnlyCollection<string> Problems => _problems;

    /// <summary>Answers with this status are no fault of the pages.</summary>
    private protected void Expect(int status) => _expected[status] = true;

    /// <summary>Requests that get no answer are no fault of the pages.</summary>
    private protected void ExpectLostConnections() => _expectsLoss = true;

    /// <summary>A blank page in a profile of its own.</summary>
    /// <param name="origin">Scheme, host and port of the server that all requests must go to.</param>
    /// <param name="options">How the browser is set up.</param>
    private protected async Task<IPage> NewPageAsync(string origin, BrowserNewContextOptions? options = null)
    {
        var context = await chromium.NewContextAsync(options ?? new());
        _contexts.Add(context);
        // Only there so that a page that never comes fails a test instead of halting the run.
        context.SetDefaultTimeout(30_000);
        await context.AddInitScriptAsync(WatchPolicies);
        context.Console += (_, message) =>
        {
            // The browser asks for an icon by itself where a page has none.
            var isIcon = message.Location.StartsWith(origin + "/favicon.ico:", StringComparison.Ordinal);
            if (message.Type is "error" or "assert" && !isIcon && !IsExpected(message.Text))
                _problems.Enqueue($"Console at {message.Location}: {message.Text}");
        };
        context.WebError += (_, error) => _problems.Enqueue($"Script: {error.Error}");
        context.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(origin + "/", StringComparison.Ordinal) && new Uri(request.Url).Scheme is not ("data" or "blob" or "about"))
                _problems.Enqueue($"Request of {request.Url}, which is not at {origin}");
        };
        return await context.NewPageAsync();
    }

    private bool IsExpected(string text) =>
        (_expectsLoss && text.StartsWith("Failed to load resource: net::", StringComparison.Ordinal))
        || _expected.Keys.Any(status => text.StartsWith(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{FailedLoad}{status}"), StringComparison.Ordinal)
            || text.EndsWith(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Unexpected response code: {status}"), StringComparison.Ordinal));
}
