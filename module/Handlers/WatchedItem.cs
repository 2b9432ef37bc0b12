using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers;

/// <summary>A request that a worker answers, and that ends when its client leaves.</summary>
internal abstract class WatchedItem(BaseHttpRequestHandler connection) : WorkItem
{
    private readonly Lock _lock = new();
    private volatile CancellationTokenSource? _watchEnd;
    private Task? _watch;

    private TaskCompletionSource? _answered;

    public override bool HasAnswered => Connection.HasAnswered;

    public Task Answered => (_answered ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Ends <see cref="Answered"/>: the request has been answered.</summary>
    public void RecordAnswered()
    {
        _answered?.TrySetResult();
        _answered = null;
    }

    protected BaseHttpRequestHandler Connection { get; } = connection;

    public override void Watch(WorkerPool pool)
    {
        lock (_lock)
        {
            // The question is asked again if it could not be answered before, for example because the body was still coming.
            if (_watch is { IsCompleted: false })
                return;
            _watchEnd ??= new CancellationTokenSource();
            _watch = WatchAsync(pool, _watchEnd.Token);
        }
    }

    /// <summary>Ends the watch, which reads from the connection: the next request can be waited for.</summary>
    public async ValueTask EndAsync()
    {
        if (_watchEnd is null)
            return;
        CancellationTokenSource end;
        Task watch;
        lock (_lock)
        {
            (end, watch) = (_watchEnd, _watch!);
            (_watchEnd, _watch) = (null, null);
        }

        await end.CancelAsync().ConfigureAwait(false);
        await watch.ConfigureAwait(false);
        end.Dispose();
    }

    private async Task WatchAsync(WorkerPool pool, CancellationToken cancellationToken)
    {
        if (await Connection.WaitForDepartureAsync(cancellationToken).ConfigureAwait(false))
            pool.Stop(this, StopReason.ClientGone);
    }
}
