using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <summary>
/// Something for a worker to do on its thread and in its runspace; its task ends when it is done. One object serves all requests
/// of a connection, one after the other.
/// </summary>
internal abstract class WorkItem : IValueTaskSource
{
    // The waiting connection goes on at once on the worker's thread: it sends the answer, which is short work, and then waits
    // for its next request elsewhere.
    private ManualResetValueTaskSourceCore<bool> _source;
    private int _isPending;

    /// <summary>The limit of the handler that is asked for; null if it has none of its own.</summary>
    public WorkGate? Gate { get; protected set; }

    /// <summary>The handler that <see cref="Execute"/> calls; null if it does something else.</summary>
    public virtual CallableScript? Script => null;

    /// <summary>More scripts that <see cref="Execute"/> calls before or after it.</summary>
    public virtual IReadOnlyList<CallableScript> MoreScripts => [];

    /// <summary>Why the item is to be stopped; set once, by <see cref="ScriptWorker.Stop"/> or while it waits.</summary>
    public StopReason StopReason { get; set; }

    /// <summary>
    /// When the item was handed in, then when it began to run, in milliseconds of <see cref="Environment.TickCount64"/>.
    /// </summary>
    public long Since { get; set; }

    /// <summary>The activity (tracing) of the code that waits, for the worker's thread; null if no listener records it.</summary>
    public Activity? Activity { get; private set; }

    /// <summary>When it was first asked to stop.</summary>
    public long StopAskedAt { get; set; }

    /// <summary>What the script was at when its calls were too deep, for the log; null or empty if that is not known.</summary>
    public string? StoppedAt { get; set; }

    /// <summary>An answer has begun, so the time for its beginning no longer runs.</summary>
    public abstract bool HasAnswered { get; }

    /// <summary>Does the work; called on the worker's thread.</summary>
    public abstract void Execute(ScriptWorker worker);

    /// <summary>Called now and then while the item waits or runs, when that takes longer than usual.</summary>
    public abstract void Watch(WorkerPool pool);

    /// <summary>Readies the item for its next round; the task ends when <see cref="Complete"/> is called.</summary>
    public ValueTask Begin()
    {
        _source.Reset();
        StopReason = StopReason.None;
        Since = Environment.TickCount64;
        Activity = Activity.Current;
        StopAskedAt = 0;
        StoppedAt = null;
        Volatile.Write(ref _isPending, 1);
        return new ValueTask(this, _source.Version);
    }

    /// <summary>Ends the waiting. Further calls, by a worker that was given up for example, change nothing.</summary>
    /// <param name="failure">What went wrong; null if nothing did.</param>
    public void Complete(Exception? failure)
    {
        if (Interlocked.Exchange(ref _isPending, 0) == 0)
            return;
        if (failure is null)
            _source.SetResult(true);
        else
            _source.SetException(failure);
    }

    /// <summary>
    /// What the waiting side is to be told: the reason of a stop rather than its effect, and what a script's own calls threw.
    /// </summary>
    /// <param name="exception">What the work threw.</param>
    /// <param name="timeout">The time that handlers have.</param>
    public Exception Explain(Exception exception, TimeSpan timeout) => StopReason switch
    {
        StopReason.Timeout => new RequestFaultException(
            504, $"The handler did not answer within {timeout.TotalSeconds:0.###} seconds", exception),
        StopReason.ClientGone => new RequestFaultException(499, "The client left before it was answered", exception),
        // The exception of the stop is left out: it would be reported in place of the reason.
        StopReason.TooDeep when StoppedAt is { Length: > 0 } place =>
            new AnswerException(new InsufficientExecutionStackException(), ScriptWorker.TooDeep, place),
        StopReason.TooDeep => new InsufficientExecutionStackException(ScriptWorker.TooDeep),
        StopReason.ServerStopping => new RequestFaultException(503, "The server is stopping", exception),
        StopReason.Cancelled => new OperationCanceledException("It was cancelled", exception),
        _ => Unwrap(exception),
    };

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>
    /// The engine wraps what a method threw that a script called. What the server itself threw, trouble with the client's bytes
    /// or the end of the connection, must reach it as what it is; all else keeps the engine's wrapping, which knows the position
    /// in the script.
    /// </summary>
    private static Exception Unwrap(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner.GetType().Assembly == typeof(RequestFaultException).Assembly)
                return inner;
        }

        return exception;
    }
}
