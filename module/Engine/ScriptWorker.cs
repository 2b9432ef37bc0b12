using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <summary>
/// One thread with a runspace of its own. A handler is made a function of the runspace when it is first asked for, and called as a command
/// after that: it is compiled once, has streams of its own, and can be stopped.
/// </summary>
internal sealed partial class ScriptWorker
{
    [ThreadStatic]
    private static ScriptWorker? s_current;

    private readonly WorkerPool _pool;
    private readonly object _waking = new();
    private readonly Lock _stopping = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<HttpHandler, ScriptFunction> _functions = [];
    private readonly List<PSObject> _output = [];
    private readonly PSInvocationSettings _settings = new();
    private readonly PSVariable _request = new("Request");
    private readonly PSVariable _response = new("Response");
    private Runspace? _runspace;
    private GlobalState? _globals;
    private EngineIntrinsics? _engine;
    private Shell? _shell;
    private Shell? _converter;
    private IScriptContext? _context;
    private GlobalUse _use;
    private bool _hasSpoken;
    private bool _isAwake;
    private volatile WorkItem? _current;

    public ScriptWorker(WorkerPool pool) => _pool = pool;

    /// <summary>This thread is a worker's: it must not be held up with other work.</summary>
    public static bool IsCurrentThread => s_current is not null;

    /// <summary>The worker whose thread this is.</summary>
    public static ScriptWorker? OfThisThread => s_current;

    /// <summary>What the worker is to do next; set by the pool under its lock.</summary>
    public WorkItem? Next { get; set; }

    /// <summary>What the worker does now.</summary>
    public WorkItem? Current => _current;

    /// <summary>The pool has replaced the worker, whose thread is stuck.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>Ends with the worker's thread.</summary>
    public Task Ended => _ended.Task;

    public void Start() => new Thread(Run) { IsBackground = true, Name = "HttpServer worker" }.Start();

    public void Wake()
    {
        lock (_waking)
        {
            _isAwake = true;
            Monitor.Pulse(_waking);
        }
    }

    /// <summary>Ends the worker; what it does is stopped.</summary>
    public void End()
    {
        if (_current is { } item)
            Stop(item, StopReason.ServerStopping);
        Wake();
    }

    /// <exception cref="WorkerStartException">The runspace could not be made ready.</exception>
    public void WaitUntilReady() => _ready.Task.GetAwaiter().GetResult();

    /// <summary>Stops an item if it is the one that runs, loops and sleeping commands included. Asking again does no harm.</summary>
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

            _shell?.BeginStop(null, null);
        }
    }

    /// <summary>Calls a handler.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="context">What it sees of the request.</param>
    /// <returns>What it put out; valid until the next call.</returns>
    /// <exception cref="RuntimeException">It ended with an error, or was stopped.</exception>
    public List<PSObject> Call(HttpHandler handler, IScriptContext context)
    {
        var function = FunctionOf(handler);
        _context = context;
        _use = function.Use;
        SetThis(context.This);
        _request.Value = context.Request;
        _response.Value = context.Response;
        var shell = _shell!;
        shell.Commands.Clear();
        shell.AddCommand(function.Name);
        if (handler.RequestParameter is { } parameter)
            shell.AddParameter(parameter, context.Request);
        if (handler.UsingValues is { } values)
            shell.AddParameter("--%", values);
        Invoke(shell);
        return _output;
    }

    /// <summary>Calls a method as a command of the runspace, so that code of PowerShell classes has its streams and can be stopped.</summary>
    /// <exception cref="RuntimeException">It ended with an error, or was stopped.</exception>
    public void Call(Action method, IScriptContext context)
    {
        _context = context;
        _use = GlobalUse.Everything;
        var shell = _shell!;
        shell.Commands.Clear();
        shell.AddCommand(InvokeMethodCommand.Name).AddParameter(nameof(InvokeMethodCommand.Method), method);
        Invoke(shell);
    }

    /// <summary>Calls a command of PowerShell's own in the worker's runspace, when no handler runs there.</summary>
    /// <returns>The one value it gives; null if it gives none.</returns>
    public object? Convert(string command, IReadOnlyDictionary<string, object?> parameters)
    {
        var shell = _converter!;
        shell.Commands.Clear();
        shell.AddCommand(Cmdlet(command));
        foreach (var (name, value) in parameters)
            shell.AddParameter(name, value);
        var results = shell.Invoke();
        if (shell.HadErrors)
            shell.Streams.ClearStreams();
        return results is [{ BaseObject: var result }, ..] ? result : null;
    }

    /// <summary>What formatting commands put out, as text.</summary>
    public string Format(IEnumerable<PSObject> values)
    {
        var shell = _converter!;
        shell.Commands.Clear();
        return string.Concat(shell.AddCommand(Cmdlet("Out-String")).Invoke(values).Select(static text => text.ToString()));
    }

    /// <summary>A cmdlet of PowerShell's own, whatever handlers have made of its name.</summary>
    public CommandInfo Cmdlet(string name) => _engine!.InvokeCommand.GetCommand(name, CommandTypes.Cmdlet);

    /// <summary>The full path that a handler means by a path.</summary>
    /// <exception cref="RuntimeException">There is no such drive.</exception>
    public string PathOf(string path) => _engine!.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <exception cref="PipelineStoppedException">It was stopped, which the engine does not always throw by itself.</exception>
    private void Invoke(Shell shell)
    {
        _output.Clear();
        shell.Invoke(null, _output, _settings);
        if (shell.InvocationStateInfo.State == PSInvocationState.Stopped)
            throw new PipelineStoppedException();
    }

    private void Run()
    {
        s_current = this;
        WorkItem? done = null;
        Exception? failure = null;
        try
        {
            Open();
            _ready.SetResult();
            while (true)
            {
                if (_pool.Take(this, done, out var ends) is { } item)
                {
                    done = item;
                    Execute(item);
                }
                else
                {
                    done = null;
                    if (ends)
                        break;
                    Sleep();
                }
            }
        }
        catch (Exception exception)
        {
            failure = exception;
            Fail(exception, done);
        }
        finally
        {
            _pool.Remove(this, failure);
            Close();
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

        lock (_stopping)
            _current = null;
        if (IsGivenUp)
            return;
        item.Complete(failure);
        CleanUp(item);
    }

    private void CleanUp(WorkItem item)
    {
        _context = null;
        SetThis(null);
        _request.Value = _response.Value = null;
        _output.Clear();
        if (item.StopReason != StopReason.None)
        {
            // A late effect of the stop must not meet the next request.
            RenewShell();
        }
        else if (_shell!.HadErrors || _hasSpoken)
        {
            _shell.Streams.ClearStreams();
        }

        _hasSpoken = false;
        if (!_globals!.TryRestore(_use))
        {
            Close();
            Open();
        }
        else if (_use != GlobalUse.None)
        {
            SetOwnVariables();
        }

        _use = GlobalUse.None;
    }

    private void Fail(Exception exception, WorkItem? done)
    {
        if (!_ready.TrySetException(exception))
            _pool.Setup.Log.Message(LogLevel.Error, null, $"A worker failed: {exception.Message}");
        else if (Next is not null)
            _pool.Setup.Log.Message(LogLevel.Error, null, $"A worker could not be made: {ErrorText.Of(exception)}");
        done?.Complete(exception);
        Next?.Complete(exception);
        _ = _ready.Task.Exception;
    }
}
