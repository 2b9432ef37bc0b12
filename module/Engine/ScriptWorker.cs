using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.ExceptionServices;
using Http.Server.PowerShell.Engine.Depth;
using Http.Server.PowerShell.Engine.Leftovers;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <summary>
/// One thread with a runspace of its own. A handler is made a function of the runspace when it is first asked for, and called as
/// a command after that: it is compiled once, has streams of its own, and can be stopped.
/// </summary>
internal sealed partial class ScriptWorker
{
    [ThreadStatic]
    private static ScriptWorker? OfCurrentThread;

    private readonly WorkerPool _pool;
    private readonly object _waking = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<CallableScript, ScriptFunction> _functions = [];
    private readonly List<PSObject> _output = [];
    private readonly PSInvocationSettings _settings = new();
    private PSVariable _request = new("Request");
    private PSVariable _response = new("Response");
    private Runspace? _runspace;
    private GlobalState? _globals;
    private RequestLeftovers? _leftovers;
    private EngineIntrinsics? _engine;
    private Shell? _shell;
    private Shell? _converter;
    private IScriptContext? _context;
    private GlobalUse _use;
    private volatile bool _isFormatting;
    private bool _hasSpoken;
    private bool _isAwake;
    private volatile WorkItem? _current;

    public ScriptWorker(WorkerPool pool) => (_pool, _stop) = (pool, new PipelineStop(RecordStopFailure));

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
    public WorkItem? Current => _current;

    /// <summary>The request that the worker's handler answers now; null if there is none.</summary>
    public IScriptContext? Context => _context;

    /// <summary>Ends when the request has been answered, to its last byte, that the worker's handler answers now.</summary>
    public Task Answered => _context?.Answered ?? Task.CompletedTask;

    /// <summary>The worker is one of a pool's.</summary>
    public bool IsOf(WorkerPool? pool) => _pool == pool;

    /// <summary>Ends with the worker's thread.</summary>
    public Task Ended => _ended.Task;

    public void Start() => ThreadStack.StartThread(Run, "HttpServer worker");

    public void Wake()
    {
        lock (_waking)
        {
            _isAwake = true;
            Monitor.Pulse(_waking);
        }
    }

    /// <exception cref="WorkerStartException">The runspace could not be made ready.</exception>
    public void WaitUntilReady() => _ready.Task.GetAwaiter().GetResult();

    /// <summary>Calls a handler.</summary>
    /// <param name="script">The handler's script.</param>
    /// <param name="context">What it sees of the request.</param>
    /// <returns>What it put out; valid until the next call.</returns>
    /// <exception cref="RuntimeException">It ended with an error, or was stopped.</exception>
    public List<PSObject> Call(CallableScript script, IScriptContext context)
    {
        var function = FunctionOf(script);
        _context = context;
        _use = function.Use;
        SetThis(context.This);
        _request.Value = context.Request;
        _response.Value = context.Response;
        var shell = _shell!;
        shell.Commands.Clear();
        shell.AddCommand(function.Name);
        if (script.RequestParameter is { } parameter)
            shell.AddParameter(parameter, context.Request);
        if (script.SessionValues is { } values)
            shell.AddParameter("--%", values);
        Invoke(shell);
        return _output;
    }

    /// <summary>Calls a method as a command: code of PowerShell classes has the runspace's streams and can be stopped.</summary>
    /// <exception cref="RuntimeException">It ended with an error, or was stopped.</exception>
    public void Call(Action method, IScriptContext context)
    {
        _context = context;
        _use = GlobalUse.Everything;
        RunAsCommand(method);
    }

    /// <summary>Calls a method as a command for the request that is answered: scripts that it runs can be stopped.</summary>
    public void RunAsCommand(Action method)
    {
        ExceptionDispatchInfo? failure = null;
        var shell = _shell!;
        shell.Commands.Clear();
        shell.AddCommand(InvokeMethodCommand.Name).AddParameter(nameof(InvokeMethodCommand.Method), (Action)Try);
        Invoke(shell);
        failure?.Throw();

        void Try()
        {
            try
            {
                method();
            }
            catch (Exception exception)
            {
                // Kept from the engine, which would wrap it.
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        }
    }

    /// <summary>What formatting commands put out, as text, whatever handlers have made of the name of Out-String.</summary>
    public string Format(IEnumerable<PSObject> values)
    {
        var shell = _converter!;
        shell.Commands.Clear();
        shell.AddCommand(_engine!.InvokeCommand.GetCommand("Out-String", CommandTypes.Cmdlet));
        _isFormatting = true;
        try
        {
            return string.Concat(shell.Invoke(values).Select(static text => text.ToString()));
        }
        finally
        {
            _isFormatting = false;
            ThrowIfStopped();
        }
    }

    /// <exception cref="PipelineStoppedException">It was stopped, which the engine does not always throw by itself.</exception>
    private void Invoke(Shell shell)
    {
        _output.Clear();
        shell.Invoke(null, _output, _settings);
        if (shell.InvocationStateInfo.State == PSInvocationState.Stopped || _current is { StopReason: StopReason.TooDeep })
            throw new PipelineStoppedException();
    }

    private void Run(int stackSize)
    {
        OfCurrentThread = this;
        _programs = ChildProcesses.OfThisThread();
        _depth = new CallDepth(ThreadStack.OfThisThread(stackSize), StopTooDeep);
        CallDepthWatcher.Add(_depth);
        Exception? failure = null;
        try
        {
            Open();
            _ready.SetResult();
            while (true)
            {
                if (_pool.Take(this, out var ends) is { } item)
                    Execute(item);
                else if (ends)
                    break;
                else
                    Sleep();
            }
        }
        catch (Exception exception)
        {
            failure = exception;
            Report(exception);
        }
        finally
        {
            _pool.Remove(this, failure);
            CallDepthWatcher.Remove(_depth);
            Close();
            EndPrograms();
            _ended.TrySetResult();
        }
    }

    private void Sleep()
    {
        lock (_waking)
        {
            while (!_isAwake)
                Monitor.Wait(_waking);
            _isAwake = false;
        }
    }

    private void Execute(WorkItem item)
    {
        Exception? failure = null;
        lock (_stopping)
        {
            _current = item;
            item.Since = Environment.TickCount64;
        }

        var activity = item.Activity;
        if (activity is not null)
            Activity.Current = activity;
        _depth!.Begin(_runspace!.Debugger);
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
        _tooDeepAt = null;
        if (activity is not null)
            Activity.Current = null;
        lock (_stopping)
        {
            _current = null;
            if (IsGivenUp)
                return;
        }

        // Once it is complete, the item may begin its next round with another worker.
        var wasStopped = item.StopReason != StopReason.None;
        item.Complete(failure);
        if (!TryCleanUp(wasStopped))
        {
            Close();
            Open();
        }
    }

    /// <returns>False if the runspace must not be used again.</returns>
    private bool TryCleanUp(bool wasStopped)
    {
        var use = _use;
        (_context, _use) = (null, GlobalUse.None);
        _output.Clear();
        try
        {
            SetThis(null);
            _request.Value = _response.Value = null;
            if (!_leftovers!.TryEnd(use) || (_pool.Setup.IsolatesModules && use == GlobalUse.Everything))
                return false;
            if (!_globals!.TryRestore(use))
                return false;
            if (use != GlobalUse.None)
                SetOwnVariables();
        }
        catch (SessionStateException)
        {
            // A handler has locked them.
            return false;
        }

        // A late effect of the stop must not meet the next request.
        if (wasStopped)
            RenewShell();
        else if (_shell!.HadErrors || _hasSpoken)
            _shell.Streams.ClearStreams();
        _hasSpoken = false;
        return true;
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
