using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Runtime.ExceptionServices;
using Http.Server.PowerShell.Engine.Depth;
using Http.Server.PowerShell.Engine.Leftovers;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <summary>
/// The runspace of a worker, and what lies in it. A handler is made a function of the runspace when it is first asked for, and
/// called as a command after that: it is compiled once, has streams of its own, and can be stopped. Used on the worker's thread
/// alone.
/// </summary>
/// <param name="setup">What the runspace is made of.</param>
/// <param name="running">What runs in it, and may be stopped.</param>
internal sealed class WorkerRunspace(WorkerSetup setup, RunningItem running)
{
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
    private bool _hasSpoken;

    /// <summary>The request that is answered; null if there is none.</summary>
    public IScriptContext? Context => _context;

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

    /// <summary>The debugger, which knows the calls that run.</summary>
    public Debugger Debugger => _runspace!.Debugger;

    /// <summary>Stops a script whose calls are nested too deeply; may be called on any thread.</summary>
    /// <param name="debugger">The debugger of the runspace.</param>
    /// <param name="stopsPipeline">Whether the script does not end by itself.</param>
    public void StopTooDeep(Debugger debugger, bool stopsPipeline) => running.StopTooDeep(
        () => RunningScript(debugger) is { } place ? ErrorText.PlaceOf(place) : "", stopsPipeline);

    /// <summary>Opens the runspace.</summary>
    /// <param name="depth">Watches the depth of calls in the initialization script.</param>
    /// <exception cref="WorkerStartException">A module or the initialization script failed.</exception>
    public void Open(CallDepth depth)
    {
        _runspace = OpenRunspace(depth);
        _engine = (EngineIntrinsics)_runspace.SessionStateProxy.GetVariable("ExecutionContext");
        _functions.Clear();
        (_request, _response) = (new PSVariable("Request"), new PSVariable("Response"));
        SetOwnVariables();
        _runspace.SessionStateProxy.InvokeProvider.Item.Set("Function:" + InvokeMethodCommand.Name, InvokeMethodCommand.Body());
        _globals = new GlobalState(_runspace);
        _leftovers = new RequestLeftovers(_runspace, _engine);
        RenewShell();
    }

    /// <summary>Closes it; it may be opened again.</summary>
    public void Close()
    {
        _shell?.Dispose();
        _converter?.Dispose();
        if (_leftovers is null)
            _runspace?.Dispose();
        else
            _leftovers.Close();
        _shell = _converter = null;
        _leftovers = null;
        _runspace = null;
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
                // The exception is kept here, because the engine would wrap it.
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
        running.Use(shell);
        try
        {
            return string.Concat(shell.Invoke(values).Select(static text => text.ToString()));
        }
        finally
        {
            running.Use(_shell!);
            running.ThrowIfStopped();
        }
    }

    /// <summary>The full path that a handler means by a path.</summary>
    /// <exception cref="RuntimeException">There is no such drive.</exception>
    public string PathOf(string path) => _engine!.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>What a variable holds for the handler that runs; null if there is none.</summary>
    public object? VariableOf(string name) => _engine!.SessionState.PSVariable.GetValue(name);

    /// <summary>Warns in the log, in the name of the request.</summary>
    public void Warn(string message) => Record(LogLevel.Warning, message);

    /// <summary>Removes what a request has left in the runspace.</summary>
    /// <param name="wasStopped">Whether the request was stopped.</param>
    /// <returns>False if the runspace must not be used again.</returns>
    public bool TryCleanUp(bool wasStopped)
    {
        var use = _use;
        (_context, _use) = (null, GlobalUse.None);
        _output.Clear();
        try
        {
            SetThis(null);
            _request.Value = _response.Value = null;
            if (!_leftovers!.TryEnd(use) || (setup.IsolatesModules && use == GlobalUse.Everything))
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

    private Runspace OpenRunspace(CallDepth depth)
    {
        Runspace runspace;
        try
        {
            runspace = setup.OpenRunspace(opened => depth.Begin(opened.Debugger));
        }
        finally
        {
            depth.End();
        }

        if (running.TakeTooDeep() is not { } at)
            return runspace;
        var place = at.Length > 0 ? $" ({at})" : "";
        runspace.Dispose();
        throw new WorkerStartException(
            $"The initialization script failed: {ScriptWorker.TooDeep}{place}", "InitializationScriptFailed", null);
    }

    /// <summary>The engine keeps <c>$this</c> in a place of its own, so it is set by its name.</summary>
    private void SetThis(object? value) => _engine!.SessionState.PSVariable.Set("this", value);

    private void SetOwnVariables()
    {
        var variables = _runspace!.SessionStateProxy.PSVariable;
        variables.Set(_request);
        variables.Set(_response);
    }

    private ScriptFunction FunctionOf(CallableScript script)
    {
        if (_functions.TryGetValue(script, out var known))
            return known;
        foreach (var (old, function) in _functions.Where(static entry => entry.Key.IsRemoved).ToArray())
        {
            Undefine(function.Name);
            if (old.ClassScript is not null)
                Undefine(function.Name + ClassScript.Suffix);
            _functions.Remove(old);
        }

        var made = new ScriptFunction("HttpHandler" + script.Id, UseOf(script));
        if (script.ClassScript is null)
        {
            Define(made.Name, script.Body.GetScriptBlock());
        }
        else
        {
            Define(made.Name + ClassScript.Suffix, script.ClassScript.Make());
            Define(made.Name, ClassScript.Around(made.Name + ClassScript.Suffix, script.RequestParameter));
        }

        _functions.Add(script, made);
        return made;
    }

    private void Define(string name, ScriptBlock body)
    {
        var provider = _runspace!.SessionStateProxy.InvokeProvider;
        provider.Item.Set("Function:" + name, body);
        if (provider.Item.Get("Function:" + name) is [{ BaseObject: FunctionInfo info }])
            _globals!.AddFunction(name, info.ScriptBlock);
    }

    private void Undefine(string name)
    {
        _runspace!.SessionStateProxy.InvokeProvider.Item.Remove("Function:" + name, recurse: false);
        _globals!.RemoveFunction(name);
    }

    /// <summary>A command that the inspection took for a cmdlet may be a function here.</summary>
    private GlobalUse UseOf(CallableScript script) =>
        script.Inspection.Commands.Any(_globals!.IsRedefined) ? GlobalUse.Everything : script.Inspection.Use;

    private void RenewShell()
    {
        var (shell, converter) = (Shell.Create(), Shell.Create());
        shell.Runspace = converter.Runspace = _runspace;
        var streams = shell.Streams;
        streams.Error.DataAdded += (_, added) =>
            Record(LogLevel.Error, ErrorText.Of(streams.Error[added.Index], () => RunningScript(_runspace!.Debugger)));
        streams.Warning.DataAdded += (_, added) => Record(LogLevel.Warning, streams.Warning[added.Index].Message);
        streams.Verbose.DataAdded += (_, added) => Record(LogLevel.Debug, streams.Verbose[added.Index].Message);
        streams.Debug.DataAdded += (_, added) => Record(LogLevel.Debug, streams.Debug[added.Index].Message);
        streams.Information.DataAdded += (_, added) => Record(LogLevel.Information, streams.Information[added.Index].ToString());
        streams.Progress.DataAdded += (_, _) => _hasSpoken = true;
        running.Use(shell);
        _shell?.Dispose();
        _converter?.Dispose();
        (_shell, _converter) = (shell, converter);
    }

    /// <summary>What the handler's script is at: the innermost call that is not the module's own.</summary>
    private static IScriptExtent? RunningScript(Debugger debugger) => debugger.GetCallStack()
        .Select(static frame => frame.Position)
        .FirstOrDefault(static at => at is { StartLineNumber: > 0 } && !OwnScript.IsLine(at.StartScriptPosition.Line));

    private void Record(LogLevel level, string message)
    {
        _hasSpoken = true;
        setup.Log.Script(level, _context?.Client, _context?.RequestId, message);
    }

    /// <exception cref="PipelineStoppedException">It was stopped, which the engine does not always throw by itself.</exception>
    private void Invoke(Shell shell)
    {
        _output.Clear();
        shell.Invoke(null, _output, _settings);
        if (shell.InvocationStateInfo.State == PSInvocationState.Stopped || running.IsTooDeep)
            throw new PipelineStoppedException();
    }
}
