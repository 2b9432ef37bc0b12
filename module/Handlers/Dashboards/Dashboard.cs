using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Http.Server.Events;

namespace Http.Server.PowerShell.Handlers.Dashboards;

/// <summary>
/// The page of a running server that shows what it does: at a path, with <c>/data</c> below it for programs and <c>/events</c>
/// for what is new. It is for users that have logged in, and for clients of this machine.
/// </summary>
internal sealed class Dashboard : IAsyncDisposable
{
    private const string Data = "data";
    private const string Events = "events";

    /// <summary>How often those who look are told of what is new; nothing is done while nobody looks.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string[] _place;
    private readonly Func<Dashboard, DashboardState> _read;
    private readonly byte[] _page;
    private readonly RequestFigures _total = new();
    private readonly ConditionalWeakTable<object, RequestFigures> _figures = [];
    private readonly HttpEventChannel _channel = new("dashboard", new() { BufferSize = 0, Backlog = 10 });
    private readonly Timer _timer;

    /// <param name="path">Where it is: literal segments, such as <c>/_status</c>.</param>
    /// <param name="name">The server's name.</param>
    /// <param name="read">Finds what is to be shown.</param>
    public Dashboard(string path, string name, Func<Dashboard, DashboardState> read)
    {
        _place = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        _read = read;
        _page = DashboardPage.Write(name);
        _timer = new Timer(static dashboard => ((Dashboard)dashboard!).Publish(), this, Interval, Interval);
    }

    /// <summary>Whether it answers requests for a path.</summary>
    /// <param name="segments">The decoded segments of the path; null for a path that the server refuses.</param>
    public bool IsAt(IReadOnlyList<string>? segments)
    {
        if (segments is null || segments.Count < _place.Length || segments.Count > _place.Length + 1)
            return false;
        for (var at = 0; at < _place.Length; at++)
        {
            if (segments[at] != _place[at])
                return false;
        }

        return segments.Count == _place.Length || segments[^1] is Data or Events;
    }

    /// <summary>Counts a request of the server that has been answered.</summary>
    /// <param name="handler">What stands for its handler; null if it had none.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="time">How long it took; null for one that lasts as long as its client likes.</param>
    public void Count(object? handler, int status, TimeSpan? time)
    {
        _total.Count(status, time);
        if (handler is not null)
            _figures.GetValue(handler, static _ => new RequestFigures()).Count(status, time);
    }

    /// <summary>What a handler has done; null if it has not been called.</summary>
    public RequestFigures? FiguresOf(object handler) => _figures.TryGetValue(handler, out var figures) ? figures : null;

    /// <summary>Answers GET and HEAD for a path that it is at.</summary>
    /// <param name="handler">The request.</param>
    /// <param name="segments">The decoded segments of the path.</param>
    public ValueTask AnswerAsync(BaseHttpRequestHandler handler, IReadOnlyList<string>? segments)
    {
        if (handler.User is null && !LocalClient.IsHere(handler))
            throw new RequestFaultException(403, "The status is for users who have logged in, and for the server's own machine");
        var below = segments!.Count > _place.Length ? segments[^1] : "";
        if (below == "" && !WantsJson(handler))
            return SendAsync(handler, _page, "text/html; charset=utf-8", DashboardPage.Policy);
        if (LocalClient.IsForeignPage(handler))
            throw new RequestFaultException(403, "Pages of other origins may not read the status of this server");
        if (below != Events)
            return SendAsync(handler, Write(), "application/json", null);
        handler.SendEvents(_channel);
        return default;
    }

    /// <summary>Those who look are told to come back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _channel.DisposeAsync().ConfigureAwait(false);
    }

    private static bool WantsJson(BaseHttpRequestHandler handler) =>
        handler.Path.EndsWith("?format=json", StringComparison.Ordinal)
        || (handler.Headers["Accept"] is { } accept && accept.Contains("application/json", StringComparison.OrdinalIgnoreCase)
            && !accept.Contains("text/html", StringComparison.OrdinalIgnoreCase));

    private static async ValueTask SendAsync(BaseHttpRequestHandler handler, byte[] content, string type, string? policy)
    {
        handler.SendResponse(200);
        handler.SendHeader("Content-Type", type);
        handler.SendHeader("Content-Length", content.Length.ToString(CultureInfo.InvariantCulture));
        handler.SendHeader("Cache-Control", "no-store");
        handler.SendHeader("Vary", "Accept");
        handler.SendHeader("X-Content-Type-Options", "nosniff");
        if (policy is not null)
            handler.SendHeader("Content-Security-Policy", policy);
        handler.EndHeaders();
        if (handler.Command != "HEAD")
            await handler.Wfile.WriteAsync(content).ConfigureAwait(false);
    }

    private byte[] Write() => DashboardText.Write(_read(this), _total);

    private void Publish()
    {
        if (_channel.ListenerCount == 0)
            return;
        try
        {
            // A channel of this process alone does not wait, and one that has ended says so to nobody.
            _ = _channel.SendAsync(Encoding.UTF8.GetString(Write()), "state").AsTask();
        }
        catch (OutOfMemoryException)
        {
            // An exception in a timer would end the process. The next second does what this one has not done.
        }
    }
}
