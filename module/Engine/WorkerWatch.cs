using Http.Server.PowerShell.Engine.Depth;

namespace Http.Server.PowerShell.Engine;

/// <summary>
/// Looks at the items of a pool that wait and run, a few times a second: at their time limit, at their clients, and at those
/// that do not end.
/// </summary>
internal sealed class WorkerWatch : IAsyncDisposable
{
    /// <summary>How often running and waiting items are looked at: the accuracy of the handlers' time limit.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Milliseconds that an item takes before it is asked whether its client is still there.</summary>
    private const int WorthWatching = 400;

    /// <summary>Milliseconds after which a handler that was asked to stop sits in a call that cannot be stopped.</summary>
    private const int GivenUpAfter = 3000;

    private readonly WorkerPool _pool;
    private readonly Timer _timer;

    public WorkerWatch(WorkerPool pool)
    {
        _pool = pool;
        _timer = new Timer(static watch => ((WorkerWatch)watch!).Look(), this, Interval, Interval);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Look()
    {
        var now = Environment.TickCount64;
        var (workers, waiting) = _pool.List(waitingSince: now - WorthWatching);
        foreach (var item in waiting)
            item.Watch(_pool);
        foreach (var worker in workers)
        {
            if (worker.Current is { } item && (now - item.Since > WorthWatching || item.StopReason != StopReason.None))
                Look(worker, item, now);
        }
    }

    private void Look(ScriptWorker worker, WorkItem item, long now)
    {
        if (item.StopReason != StopReason.None)
        {
            if (now - item.StopAskedAt > GivenUpAfter)
                GiveUp(worker, item);
            else if (item.StopReason != StopReason.TooDeep || now - item.StopAskedAt > CallDepth.TimeToEnd)
                worker.Stop(item, item.StopReason);
        }
        else if (_pool.HandlerTimeout > TimeSpan.Zero && now - item.Since > _pool.HandlerTimeout.TotalMilliseconds
            && !item.HasAnswered)
        {
            var context = item as IScriptContext;
            _pool.Setup.Log.Script(LogLevel.Warning, context?.Client, context?.RequestId,
                $"The handler did not begin to answer within {_pool.HandlerTimeout.TotalSeconds:0.###} s and was stopped; "
                + "-HandlerTimeout gives more.");
            worker.Stop(item, StopReason.Timeout);
        }
        else
        {
            item.Watch(_pool);
        }
    }

    /// <summary>The worker's thread is stuck for good; another worker takes its place.</summary>
    private void GiveUp(ScriptWorker worker, WorkItem item)
    {
        if (!worker.TryGiveUp(item))
            return;
        _pool.Replace(worker);
        _pool.Setup.Log.Message(LogLevel.Error, null,
            "A handler is in a call that cannot be stopped. Its worker is replaced, and the call is not waited for.");
        item.Complete(item.Explain(new TimeoutException("The handler cannot be stopped."), _pool.HandlerTimeout));
    }
}
