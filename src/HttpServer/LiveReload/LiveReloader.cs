using System.Text;
using Http.Server.Transport;

namespace Http.Server.LiveReload;

/// <summary>Live reload of one site: its watcher, and what pages are told.</summary>
/// <param name="directory">The site's directory, a full path.</param>
internal sealed class LiveReloader(string directory)
{
    /// <summary>Proxies and routers forget a connection without traffic, the quickest of them after half a minute.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(20);

    private readonly Lock _changes = new();
    private ChangeWatcher? _watcher;

    /// <summary>Whether the directory is watched now.</summary>
    public bool IsWatching
    {
        get
        {
            lock (_changes)
                return _watcher is { IsOpen: true };
        }
    }

    /// <summary>
    /// Tells a page of changes until the client leaves or the server ends. The answer's head has been made
    /// already.
    /// </summary>
    public async ValueTask SendEventsAsync(IHandlerContext context)
    {
        var options = context.Connection.Options;
        // The head waits in its buffer: a page must not believe that it is told of changes before it is.
        var watcher = await Task.Run(() => Join(options)).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.Connection.BeginWaiting());
        var departure = context.WaitForDepartureAsync(end.Token);
        try
        {
            var change = watcher.Current;
            await SendAsync(context.Wfile, $"retry: 1000\nevent: version\ndata: {change.Version}\n\n").ConfigureAwait(false);
            while (!end.IsCancellationRequested)
            {
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                var beat = Task.Delay(Heartbeat, options.TimeProvider, pause.Token);
                var first = await Task.WhenAny(change.Next, departure, beat).ConfigureAwait(false);
                await pause.CancelAsync().ConfigureAwait(false);
                if (end.IsCancellationRequested)
                    return;
                if (first == departure)
                {
                    if (await departure.ConfigureAwait(false))
                        return;
                    // The departure of this client cannot be detected; the next event that is sent to it will fail.
                    departure = Task.Delay(Timeout.Infinite, end.Token).ContinueWith(static _ => false, TaskScheduler.Default);
                }
                else if (first == beat)
                {
                    await SendAsync(context.Wfile, ":\n\n").ConfigureAwait(false);
                }
                else
                {
                    change = await change.Next.ConfigureAwait(false);
                    await SendAsync(context.Wfile,
                        $"event: {(change.IsStyleOnly ? "style" : "reload")}\ndata: {change.Version}\n\n").ConfigureAwait(false);
                }
            }
        }
        finally
        {
            watcher.Leave(context.Server.IsStopping);
            await end.CancelAsync().ConfigureAwait(false);
            // The request must not end before this task has.
            await departure.ConfigureAwait(false);
        }
    }

    private ChangeWatcher Join(HttpServerOptions options)
    {
        ChangeWatcher watcher;
        lock (_changes)
        {
            if (_watcher is null || !_watcher.TryJoin())
            {
                _watcher = new ChangeWatcher(directory, options.TimeProvider,
                    text => options.Log.Message(LogLevel.Warning, null, text));
                _watcher.TryJoin();
            }

            watcher = _watcher;
        }

        watcher.Start();
        return watcher;
    }

    private static async ValueTask SendAsync(Stream output, string text)
    {
        await output.WriteAsync(Encoding.UTF8.GetBytes(text)).ConfigureAwait(false);
        await output.FlushAsync().ConfigureAwait(false);
    }
}
