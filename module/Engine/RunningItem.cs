using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <summary>What a worker runs now, and how it is stopped, from any thread.</summary>
/// <param name="log">Takes what a stop throws: no caller waits for the stop.</param>
internal sealed class RunningItem(ServerLog log)
{
    private readonly Lock _lock = new();
    private readonly PipelineStop _stop = new(exception => RecordFailure(log, exception));
    private volatile WorkItem? _current;
    private Shell? _shell;
    private string? _tooDeepAt;

    /// <summary>The item; null while there is none.</summary>
    public WorkItem? Current => _current;

    /// <summary>The pool has replaced the worker, whose thread is stuck.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Whether the item is being stopped because its calls are nested too deeply.</summary>
    public bool IsTooDeep => _current is { StopReason: StopReason.TooDeep };

    /// <summary>Begins an item.</summary>
    public void Begin(WorkItem item)
    {
        lock (_lock)
        {
            _current = item;
            item.Since = Environment.TickCount64;
        }
    }

    /// <summary>Ends the item.</summary>
    /// <returns>False if the worker has been given up meanwhile: the item has been completed already.</returns>
    public bool TryEnd()
    {
        lock (_lock)
        {
            _current = null;
            return !IsGivenUp;
        }
    }

    /// <summary>Sets what runs scripts from now on, and is to be stopped.</summary>
    public void Use(Shell shell)
    {
        lock (_lock)
            _shell = shell;
    }

    /// <summary>
    /// Stops an item if it is the one that runs, loops and sleeping commands included. Asking again does no harm.
    /// </summary>
    public void Stop(WorkItem item, StopReason reason)
    {
        lock (_lock)
        {
            if (_current != item)
                return;
            Register(item, reason);
            StopPipeline();
        }
    }

    /// <summary>Stops the item because its calls are nested too deeply. Called on its thread or the watcher's.</summary>
    /// <param name="place">Finds where the script is; empty if that is not known.</param>
    /// <param name="stopsPipeline">Whether it does not end by itself.</param>
    public void StopTooDeep(Func<string> place, bool stopsPipeline)
    {
        lock (_lock)
        {
            _tooDeepAt ??= place();
            if (_current is { StopReason: StopReason.None } item)
            {
                Register(item, StopReason.TooDeep);
                item.StoppedAt = _tooDeepAt;
            }

            if (stopsPipeline)
                StopPipeline();
        }
    }

    /// <summary>Where calls were too deep since the last call; null if they were not, empty if the place is not known.</summary>
    public string? TakeTooDeep() => Interlocked.Exchange(ref _tooDeepAt, null);

    /// <summary>Ends what .NET code does at length for a handler that is to be stopped; called on the worker's thread.</summary>
    /// <exception cref="System.Management.Automation.PipelineStoppedException">It is to be stopped.</exception>
    public void ThrowIfStopped()
    {
        if (_current is { StopReason: not StopReason.None })
            throw new System.Management.Automation.PipelineStoppedException();
    }

    /// <summary>Gives the worker up if it still runs an item.</summary>
    public bool TryGiveUp(WorkItem item)
    {
        lock (_lock)
        {
            if (_current != item || IsGivenUp)
                return false;
            return IsGivenUp = true;
        }
    }

    private static void Register(WorkItem item, StopReason reason)
    {
        if (item.StopReason != StopReason.None)
            return;
        item.StopReason = reason;
        item.StopAskedAt = Environment.TickCount64;
    }

    private static void RecordFailure(ServerLog log, Exception exception)
    {
        // The script ended by itself at that moment. What a callback throws comes in an AggregateException.
        if (exception is ObjectDisposedException)
            return;
        var cause = exception is AggregateException { InnerException: { } inner } ? inner : exception;
        log.Message(LogLevel.Warning, null,
            $"What a handler registered with PipelineStopToken failed as it was stopped: {ErrorText.Of(cause)}");
    }

    private void StopPipeline()
    {
        if (_shell is not null)
            _stop.Begin(_shell);
    }
}
