using System.Management.Automation;
using Http.Server.PowerShell.Engine.Depth;
using Http.Server.PowerShell.Engine.Leftovers;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <content>How what a worker does is stopped.</content>
internal sealed partial class ScriptWorker
{
    /// <summary>What is said of a script whose calls were too deep.</summary>
    public const string TooDeep = "It was stopped: its calls are nested too deeply. "
        + "Does a function, method, property or block call itself without end?";

    private readonly Lock _stopping = new();
    private readonly PipelineStop _stop;
    private volatile ChildProcesses? _programs;
    private CallDepth? _depth;
    private string? _tooDeepAt;

    /// <summary>The pool has replaced the worker, whose thread is stuck.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Ends the worker; what it does is stopped.</summary>
    public void End()
    {
        if (_current is { } item)
            Stop(item, StopReason.ServerStopping);
        Wake();
    }

    /// <summary>Ends the programs that its handlers have started; a thread that waits for one of them goes on.</summary>
    public void EndPrograms() => _programs?.End();

    /// <summary>
    /// Stops an item if it is the one that runs, loops and sleeping commands included. Asking again does no harm.
    /// </summary>
    public void Stop(WorkItem item, StopReason reason)
    {
        lock (_stopping)
        {
            if (_current != item)
                return;
            if (item.StopReason == StopReason.None)
            {
                item.StopReason = reason;
                item.StopAskedAt = Environment.TickCount64;
            }

            StopPipeline();
        }
    }

    /// <summary>Ends what .NET code does at length for a handler that is to be stopped; called on the worker's thread.</summary>
    /// <exception cref="PipelineStoppedException">It is to be stopped.</exception>
    public void ThrowIfStopped()
    {
        if (_current is { StopReason: not StopReason.None })
            throw new PipelineStoppedException();
    }

    /// <summary>Leaves the worker to itself, if it still does this.</summary>
    public bool TryGiveUp(WorkItem item)
    {
        lock (_stopping)
        {
            if (_current != item || IsGivenUp)
                return false;
            return IsGivenUp = true;
        }
    }

    /// <summary>The calls of what the worker does are nested too deeply. Called on its thread or the watcher's.</summary>
    /// <param name="debugger">The debugger of the runspace.</param>
    /// <param name="stopsPipeline">It does not end by itself.</param>
    private void StopTooDeep(Debugger debugger, bool stopsPipeline)
    {
        lock (_stopping)
        {
            _tooDeepAt ??= RunningScript(debugger) is { } place ? ErrorText.PlaceOf(place) : "";
            if (_current is { StopReason: StopReason.None } item)
            {
                item.StopReason = StopReason.TooDeep;
                item.StopAskedAt = Environment.TickCount64;
                item.StoppedAt = _tooDeepAt;
            }

            if (stopsPipeline)
                StopPipeline();
        }
    }

    private void StopPipeline()
    {
        if ((_isFormatting ? _converter : _shell) is { } shell)
            _stop.Begin(shell);
    }

    /// <summary>What a stop threw, which has no one else to reach.</summary>
    private void RecordStopFailure(Exception exception)
    {
        // The script ended by itself at that moment. What a callback throws comes in an AggregateException.
        if (exception is ObjectDisposedException)
            return;
        var cause = exception is AggregateException { InnerException: { } inner } ? inner : exception;
        _pool.Setup.Log.Message(LogLevel.Warning, null,
            $"What a handler registered with PipelineStopToken failed as it was stopped: {ErrorText.Of(cause)}");
    }
}
