using System.Diagnostics;
using System.Management.Automation;
using Http.Server.PowerShell.Engine.Depth;
using Http.Server.PowerShell.Engine.Leftovers;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <summary>One thread with a runspace of its own, on which a pool has items executed.</summary>
internal sealed class ScriptWorker
{
    /// <summary>What is said of a script whose calls were too deep.</summary>
    public const string TooDeep = "It was stopped: its calls are nested too deeply. "
        + "Does a function, method, property or block call itself without end?";

    /// <summary>
    /// Milliseconds that a pipeline is kept while there is nothing to do. Meanwhile scripts of the runspace that other runspaces
    /// call have to wait.
    /// </summary>
    private const int IdleTime = 20;

    [ThreadStatic]
    private static ScriptWorker? OfCurrentThread;

    private readonly WorkerPool _pool;
    private readonly RunningItem _running;
    private readonly WorkerRunspace _runspace;
    private readonly WakeUp _wakeUp = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<WorkItem> _rehearsals = [];
    private WorkItem? _taken;
    private bool _isIdle;
    private bool _isSpoilt;
    private bool _wasStopped;
    private volatile ChildProcesses? _programs;
    private CallDepth? _depth;

    /// <param name="pool">Whose items it executes.</param>
    /// <param name="beginsIdle">
    /// The pool counts it among those that wait. It rehearses until it is woken, so that its first item finds compiled what it
    /// needs.
    /// </param>
    public ScriptWorker(WorkerPool pool, bool beginsIdle = false)
    {
        (_pool, _isIdle) = (pool, beginsIdle);
        if (beginsIdle)
            _rehearsals = new Queue<WorkItem>(pool.Setup.MakeRehearsals());
        _running = new RunningItem(pool.Setup.Log);
        _runspace = new WorkerRunspace(pool.Setup, _running);
    }

    /// <summary>This thread is a worker's: it must not be held up with other work.</summary>
    public static bool IsCurrentThread => OfCurrentThread is not null;

    /// <summary>
    /// Leaves a worker's thread, which is for scripts: the caller continues on a thread of the pool. Elsewhere it does nothing.
    /// </summary>
    public static async ValueTask LeaveThreadAsync()
    {
        if (IsCurrentThread)
            await Task.Yield();
    }

    /// <summary>The worker whose thread this is.</summary>
    public static ScriptWorker? OfThisThread => OfCurrentThread;

    /// <summary>What the worker is to do next; set by the pool under its lock.</summary>
    public WorkItem? Next { get; set; }

    /// <summary>The limit that it counts under; set by the pool under its lock. An item may have gone on to its next.</summary>
    public WorkGate? Gate { get; set; }

    /// <summary>What the worker does now.</summary>
    public WorkItem? Current => _running.Current;

    /// <inheritdoc cref="RunningItem.IsGivenUp"/>
    public bool IsGivenUp => _running.IsGivenUp;

    /// <summary>The request that the worker's handler answers now; null if there is none.</summary>
    public IScriptContext? Context => _runspace.Context;

    /// <summary>Ends when the request has been answered, to its last byte, that the worker's handler answers now.</summary>
    public Task Answered => Context?.Answered ?? Task.CompletedTask;

    /// <summary>Whether the worker is within the pipeline that it keeps.</summary>
    public bool IsInPipeline => _runspace.Pipeline is not null;

    /// <summary>The worker is one of a pool's.</summary>
    public bool IsOf(WorkerPool? pool) => _pool == pool;

    /// <summary>Ends with the worker's thread.</summary>
    public Task Ended => _ended.Task;

    public void Start() => ThreadStack.StartThread(Run, "HttpServer worker");

    public void Wake() => _wakeUp.Wake();

    /// <inheritdoc cref="RunningItem.Stop"/>
    public void Stop(WorkItem item, StopReason reason) => _running.Stop(item, reason);

    /// <inheritdoc cref="RunningItem.ThrowIfStopped"/>
    public void ThrowIfStopped() => _running.ThrowIfStopped();

    /// <inheritdoc cref="RunningItem.TryGiveUp"/>
    public bool TryGiveUp(WorkItem item) => _running.TryGiveUp(item);

    /// <summary>Ends the worker; what it does is stopped.</summary>
    public void End()
    {
        if (Current is { } item)
            Stop(item, StopReason.ServerStopping);
        Wake();
    }

    /// <summary>Ends the programs that its handlers have started; a thread that waits for one of them goes on.</summary>
    public void EndPrograms() => _programs?.End();

    /// <exception cref="WorkerStartException">The runspace could not be made ready.</exception>
    public void WaitUntilReady() => _ready.Task.GetAwaiter().GetResult();

    /// <inheritdoc cref="WorkerRunspace.Call(CallableScript, IScriptContext)"/>
    public List<PSObject> Call(CallableScript script, IScriptContext context) => _runspace.Call(script, context);

    /// <inheritdoc cref="WorkerRunspace.Call(Action, IScriptContext)"/>
    public void Call(Action method, IScriptContext context) => _runspace.Call(method, context);

    /// <inheritdoc cref="WorkerFunctions.Describe"/>
    public FunctionInfo Describe(CallableScript script) => _runspace.Describe(script);

    /// <inheritdoc cref="WorkerRunspace.RunAsCommand"/>
    public void RunAsCommand(Action method) => _runspace.RunAsCommand(method);

    /// <inheritdoc cref="WorkerRunspace.Format"/>
    public string Format(IEnumerable<PSObject> values) => _runspace.Format(values);

    /// <inheritdoc cref="WorkerRunspace.PathOf"/>
    public string PathOf(string path) => _runspace.PathOf(path);

    /// <inheritdoc cref="WorkerRunspace.VariableOf"/>
    public object? VariableOf(string name) => _runspace.VariableOf(name);

    /// <inheritdoc cref="WorkerRunspace.Warn"/>
    public void Warn(string message) => _runspace.Warn(message);

    /// <summary>Executes items for as long as they come and need nothing else; called by the command of the pipeline.</summary>
    public void WorkInPipeline(KeptPipeline pipeline)
    {
        _runspace.Pipeline = pipeline;
        try
        {
            while (_taken is { } item && _runspace.MayShareAPipeline(item))
            {
                ExecuteTaken();
                if (pipeline.HasFailed || _isSpoilt || _wasStopped)
                    break;
                _taken = TakeNext(IdleTime);
            }
        }
        finally
        {
            _runspace.Pipeline = null;
        }
    }

    private void Run(int stackSize)
    {
        OfCurrentThread = this;
        _programs = ChildProcesses.OfThisThread();
        _depth = new CallDepth(ThreadStack.OfThisThread(stackSize), _runspace.StopTooDeep);
        CallDepthWatcher.Add(_depth);
        Exception? failure = null;
        try
        {
            _runspace.Open(_depth);
            _ready.SetResult();
            Work();
        }
        catch (Exception exception)
        {
            failure = exception;
            Report(exception);
        }
        finally
        {
            _taken?.Complete(failure);
            _pool.Remove(this, failure);
            CallDepthWatcher.Remove(_depth);
            _runspace.Close();
            EndPrograms();
            _ended.TrySetResult();
        }
    }

    private void Work()
    {
        while ((_taken ?? TakeNext(Timeout.Infinite)) is { } item)
        {
            _taken = item;
            if (_runspace.MayShareAPipeline(item))
                _runspace.KeepPipeline();
            // If the pipeline could not begin, or the item needs one of its own.
            if (_taken == item)
                ExecuteTaken();
            Renew();
        }
    }

    /// <summary>The next item; null if none has come in time, or if the worker is to end.</summary>
    /// <param name="patience">Milliseconds to wait for one.</param>
    private WorkItem? TakeNext(int patience)
    {
        while (true)
        {
            if (!_isIdle)
            {
                if (_pool.Take(this, out var ends) is { } item)
                    return item;
                if (ends)
                    return null;
                _isIdle = true;
            }

            if (_rehearsals.Count > 0 && !_wakeUp.IsDue)
                return _rehearsals.Dequeue();
            if (!_wakeUp.TrySleep(patience))
                return null;
            _isIdle = false;
        }
    }

    private void ExecuteTaken()
    {
        var item = _taken!;
        _taken = null;
        Execute(item);
    }

    /// <summary>Makes anew what the last item has spoilt; never within a pipeline.</summary>
    private void Renew()
    {
        if (_isSpoilt)
        {
            _runspace.Close();
            _runspace.Open(_depth!);
        }
        else if (_wasStopped)
        {
            _runspace.RenewShell();
        }

        _isSpoilt = _wasStopped = false;
    }

    private void Execute(WorkItem item)
    {
        Exception? failure = null;
        // Until it is known to be clean.
        _isSpoilt = true;
        _running.Begin(item);
        var activity = item.Activity;
        if (activity is not null)
            Activity.Current = activity;
        _depth!.Begin(_runspace.Debugger);
        try
        {
            if (item.StopReason == StopReason.None)
                item.Execute(this);
            else
                failure = item.Explain(new OperationCanceledException(), _pool.HandlerTimeout);
        }
        catch (Exception exception)
        {
            failure = item.Explain(exception, _pool.HandlerTimeout);
        }

        _depth.End();
        _running.TakeTooDeep();
        if (activity is not null)
            Activity.Current = null;
        if (!_running.TryEnd())
        {
            _isSpoilt = false;
            return;
        }

        // Once it is complete, the item may begin its next round with another worker.
        _wasStopped = item.StopReason != StopReason.None;
        item.Complete(failure);
        _isSpoilt = !_runspace.TryCleanUp();
    }

    private void Report(Exception exception)
    {
        if (!_ready.TrySetException(exception))
            _pool.Setup.Log.Message(LogLevel.Error, null, $"A worker failed: {exception.Message}");
        else if (Next is not null)
            _pool.Setup.Log.Message(LogLevel.Error, null, $"A worker could not be made: {ErrorText.Of(exception)}");
        _ = _ready.Task.Exception;
    }
}
