using Http.Server.PowerShell.Engine.Depth;

namespace Http.Server.PowerShell.Engine;

/// <content>The look at what waits and runs, a few times a second: its time limit, its client, its end.</content>
internal sealed partial class WorkerPool
{
    private void Sweep()
    {
        var now = Environment.TickCount64;
        ScriptWorker[] workers;
        WorkItem[] waiting;
        lock (_lock)
        {
            workers = [.. _workers];
            waiting = _queue.Count == 0 ? [] : [.. _queue.Where(item => now - item.Since > WorthWatching)];
        }

        foreach (var item in waiting)
            item.Watch(this);
        foreach (var worker in workers)
        {
            if (worker.Current is not { } item || (now - item.Since <= WorthWatching && item.StopReason == StopReason.None))
                continue;
            if (item.StopReason != StopReason.None)
            {
                if (now - item.StopAskedAt > GivenUpAfter)
                    GiveUp(worker, item);
                else if (item.StopReason != StopReason.TooDeep || now - item.StopAskedAt > CallDepth.TimeToEnd)
                    worker.Stop(item, item.StopReason);
            }
            else if (HandlerTimeout > TimeSpan.Zero && now - item.Since > HandlerTimeout.TotalMilliseconds && !item.HasAnswered)
            {
                var context = item as IScriptContext;
                Setup.Log.Script(LogLevel.Warning, context?.Client, context?.RequestId,
                    $"The handler did not begin to answer within {HandlerTimeout.TotalSeconds:0.###} s and was stopped; "
                    + "-HandlerTimeout gives more.");
                worker.Stop(item, StopReason.Timeout);
            }
            else
            {
                item.Watch(this);
            }
        }
    }

    /// <summary>The thread is stuck for good; its place is given to another.</summary>
    private void GiveUp(ScriptWorker worker, WorkItem item)
    {
        if (!worker.TryGiveUp(item))
            return;
        ScriptWorker? woken;
        lock (_lock)
        {
            _workers.Remove(worker);
            _givenUp.Add(worker);
            LeaveGate(worker);
            woken = WakeIdleWorker();
            if (_queue.Count > 0 && _idle.Count == 0 && !_isStopped)
            {
                var next = new ScriptWorker(this);
                _workers.Add(next);
                next.Start();
            }
        }

        woken?.Wake();
        Setup.Log.Message(LogLevel.Error, null,
            "A handler sits in a call that cannot be stopped, and is left to itself: its worker is replaced.");
        item.Complete(item.Explain(new TimeoutException("The handler cannot be stopped."), HandlerTimeout));
    }
}
