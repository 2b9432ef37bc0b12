using System.Globalization;
using System.Text;
using Http.Server.LiveReload;
using Http.Server.Transport;

namespace Http.Server;

/// <content>Pages that are loaded anew when files change.</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>Proxies and routers forget a connection without traffic, the quickest of them after half a minute.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Whether pages in a browser are loaded anew when files below <see cref="Directory"/> change; default false. A script is added to files
    /// of type <c>text/html</c>, to listings and to error pages, and listens to server-sent events at
    /// <c>/.well-known/httpserver/live-reload</c>. Pages are then sent whole, without ranges and not compressed, and clients keep nothing without asking, whatever
    /// <see cref="CacheControl"/> and <see cref="ImmutableFiles"/> say. Changed style sheets alone are exchanged in the page. Names that begin
    /// with a dot, <c>node_modules</c>, logs and editors' temporary files do not count. Each page holds a connection: for servers that serve
    /// many at once.
    /// </summary>
    public bool LiveReload { get; set; }

    /// <summary>Live reload's own paths are no files, and no subclass answers them.</summary>
    internal override Func<BaseHttpRequestHandler, ValueTask>? FindReservedMethod()
    {
        if (!LiveReload || Command is not ("GET" or "HEAD") || FindTarget()?.Url is not { HasTrailingSlash: false } url)
            return null;
        if (url.Segments.SequenceEqual(LiveReloadPage.EventSegments))
            return static handler => ((SimpleHttpRequestHandler)handler).BeginEventsAsync();
        return url.Segments.SequenceEqual(LiveReloadPage.ScriptSegments) ? static handler => ((SimpleHttpRequestHandler)handler).SendScriptAsync() : null;
    }

    /// <inheritdoc/>
    private protected override string FinishErrorPage(string page, int code, ref string policy)
    {
        // Who has no password gets no script either.
        if (!LiveReload || code is 401 || !LiveReloadPage.IsPage(ErrorContentType))
            return page;
        policy = LiveReloadPage.Allow(policy);
        return LiveReloadPage.AddTo(page);
    }

    private ValueTask SendScriptAsync()
    {
        var script = LiveReloadPage.Script.ToArray();
        SendResponse(200);
        SendHeader("Content-Type", "text/javascript; charset=utf-8");
        SendHeader("Content-Length", script.Length.ToString(CultureInfo.InvariantCulture));
        SendHeader("Cache-Control", RevalidateAlways);
        SendHeader("X-Content-Type-Options", "nosniff");
        EndHeaders();
        return Wfile.WriteAsync(script);
    }

    private ValueTask BeginEventsAsync()
    {
        CloseConnection = true;
        SendResponse(200);
        SendHeader("Content-Type", "text/event-stream");
        SendHeader("Cache-Control", "no-store");
        SendHeader("X-Content-Type-Options", "nosniff");
        // nginx would gather events before it passes them on.
        SendHeader("X-Accel-Buffering", "no");
        EndHeaders();
        if (Command != "HEAD")
            GoOn(SendEventsAsync);
        return default;
    }

    private ChangeWatcher Watch()
    {
        var log = Connection.Options.Log;
        return ChangeWatcher.Join(Root.FullPath, Connection.Options.TimeProvider, text => log.Message(LogLevel.Warning, null, text));
    }

    /// <summary>Tells of changes until the client leaves or the server ends.</summary>
    private async ValueTask SendEventsAsync()
    {
        // The head waits in its buffer: a page must not believe that it is told of changes before it is.
        var watcher = await Task.Run(Watch).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Connection.BeginWaiting());
        var departure = WaitForDepartureAsync(end.Token);
        try
        {
            var change = watcher.Current;
            await SendEventAsync($"retry: 1000\nevent: version\ndata: {change.Version}\n\n").ConfigureAwait(false);
            while (!end.IsCancellationRequested)
            {
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                var beat = Task.Delay(Heartbeat, Connection.Options.TimeProvider, pause.Token);
                var first = await Task.WhenAny(change.Next, departure, beat).ConfigureAwait(false);
                await pause.CancelAsync().ConfigureAwait(false);
                if (end.IsCancellationRequested)
                    return;
                if (first == departure)
                {
                    if (await departure.ConfigureAwait(false))
                        return;
                    // That cannot be told: what is sent next will.
                    departure = Task.Delay(Timeout.Infinite, end.Token).ContinueWith(static _ => false, TaskScheduler.Default);
                }
                else if (first == beat)
                {
                    await SendEventAsync(":\n\n").ConfigureAwait(false);
                }
                else
                {
                    change = await change.Next.ConfigureAwait(false);
                    await SendEventAsync($"event: {(change.IsStyleOnly ? "style" : "reload")}\ndata: {change.Version}\n\n").ConfigureAwait(false);
                }
            }
        }
        finally
        {
            watcher.Leave(Server.IsStopping);
            await end.CancelAsync().ConfigureAwait(false);
            // The request must not end before it.
            await departure.ConfigureAwait(false);
        }
    }

    private async ValueTask SendEventAsync(string text)
    {
        await Wfile.WriteAsync(Encoding.UTF8.GetBytes(text)).ConfigureAwait(false);
        await Wfile.FlushAsync().ConfigureAwait(false);
    }
}
