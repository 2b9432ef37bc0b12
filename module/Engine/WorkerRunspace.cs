using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Runtime.ExceptionServices;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Engine.Depth;
using Http.Server.PowerShell.Engine.Leftovers;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <summary>
/// The runspace of a worker, and what lies in it. A handler is made a function of the runspace when it is first asked for, and
/// called as a command after that: it is compiled once, has streams of its own, and can be stopped. Most handlers are called
/// within one pipeline that is kept running from request to request. Used on the worker's thread alone.
/// </summary>
/// <param name="setup">What the runspace is made of.</param>
/// <param name="running">What runs in it, and may be stopped.</param>
internal sealed class WorkerRunspace(WorkerSetup setup, RunningItem running)
{
    private readonly List<PSObject> _output = [];
    private readonly PSInvocationSettings _settings = new();
    private PSVariable _request = new("Request");
    private PSVariable _response = new("Response");
    private PSVariable _session = new("Session");
    private PSVariable _arguments = new(ScriptParameters.Variable);
    private Runspace? _runspace;
    private WorkerFunctions? _functions;
    private GlobalState? _globals;
    private RequestLeftovers? _leftovers;
    private EngineIntrinsics? _engine;
    private Shell? _shell;
    private CmdletInfo? _keptPipeline;
    private KeptPipeline? _pipeline;
    private IScriptContext? _context;
    private GlobalUse _use;
    private IReadOnlyCollection<string>? _variables;
    private bool _hasSpoken;

    /// <summary>The request that is answered; null if there is none.</summary>
    public IScriptContext? Context => _context;

    /// <summary>The pipeline that is kept, if this is called from within it; else null.</summary>
    public KeptPipeline? Pipeline
    {
        get => _pipeline;
        set
        {
            _pipeline = value;
            _globals!.IsInPipeline = value is not null;
        }
    }

    /// <summary>
    /// Whether an item may be executed within a pipeline that is kept. Actions of events do not run in one that has nothing to
    /// do: where something waits for events, none is kept.
    /// </summary>
    public bool MayShareAPipeline(WorkItem item) => item.Script is { } script && item.StopReason == StopReason.None
        && _functions!.MayShareAPipeline(script) && item.MoreScripts.All(_functions.MayShareAPipeline)
        && !_leftovers!.HasSubscribers;

    /// <summary>Runs a pipeline, which calls <see cref="ScriptWorker.WorkInPipeline"/>, to its end.</summary>
    public void KeepPipeline()
    {
        var shell = _shell!;
        shell.Commands.Clear();
        shell.AddCommand(_keptPipeline ??= new CmdletInfo(KeptPipeline.Name, typeof(KeptPipeline)));
        try
        {
            shell.Invoke(null, _output, _settings);
        }
        catch (RuntimeException)
        {
            // A stop came late. The item that it was for has been completed.
        }
    }

    /// <summary>Calls a handler.</summary>
    /// <param name="script">The handler's script.</param>
    /// <param name="context">What it sees of the request.</param>
    /// <returns>What it put out; valid until the next call.</returns>
    /// <exception cref="RuntimeException">It ended with an error, or was stopped.</exception>
    public List<PSObject> Call(CallableScript script, IScriptContext context)
    {
        var function = _functions!.Get(script);
        _context = context;
        RecordUse(function.Use, script.Inspection.Variables);
        SetThis(context.This);
        _request.Value = context.Request;
        _response.Value = context.Response;
        _session.Value = context.Session;
        var arguments = function.Binder?.Bind(context.Request!);
        if (arguments is not null)
            _arguments.Value = arguments;
        if (_pipeline is not null && function.Call is { } call)
        {
            _output.Clear();
            if (function.Block is { } block && InOrder(function, script, arguments, context.Request) is { } inOrder)
                _output.AddRange(_pipeline.Invoke(block, inOrder));
            else
                _pipeline.Call(call);
            ThrowIfTooDeep();
            return _output;
        }

        var shell = _shell!;
        shell.Commands.Clear();
        shell.AddCommand(function.Name);
        if (script.Parameters.Request is { } parameter)
            shell.AddParameter(parameter, context.Request);
        // The function around a script with classes takes them from the variable.
        if (arguments is not null && script.ClassScript is null)
            shell.AddParameters(arguments);
        if (script.SessionValues is { } values)
            shell.AddParameter(WorkerFunctions.UsingParameter, values);
        foreach (var argument in context.Arguments)
            shell.AddArgument(argument);
        Invoke(shell);
        return _output;
    }

    private static object?[]? InOrder(
        ScriptFunction function, CallableScript script, IDictionary? arguments, object? request) => arguments is not null
        ? function.Binder!.Arrange(arguments, request)
        : script.Parameters.Request is null ? [] : [request];

    /// <summary>What an item's scripts may change together.</summary>
    private void RecordUse(GlobalUse use, IReadOnlyCollection<string>? variables)
    {
        if (_use < GlobalUse.Variables)
            _variables = variables;
        else if (use >= GlobalUse.Variables)
            _variables = variables is null || _variables is null ? null : [.. variables, .. _variables];
        if (use > _use)
            _use = use;
    }

    /// <summary>Calls a method as a command: code of PowerShell classes has the runspace's streams and can be stopped.</summary>
    /// <exception cref="RuntimeException">It ended with an error, or was stopped.</exception>
    public void Call(Action method, IScriptContext context)
    {
        _context = context;
        _use = GlobalUse.Everything;
        RunAsCommand(method);
    }

    /// <inheritdoc cref="WorkerFunctions.Describe"/>
    public FunctionInfo Describe(CallableScript script) => _functions!.Describe(script);

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
        (_request, _response, _session) = (new PSVariable("Request"), new PSVariable("Response"), new PSVariable("Session"));
        _arguments = new PSVariable(ScriptParameters.Variable);
        SetOwnVariables();
        _runspace.SessionStateProxy.InvokeProvider.Item.Set("Function:" + InvokeMethodCommand.Name, InvokeMethodCommand.Body());
        _globals = new GlobalState(_runspace);
        _functions = new WorkerFunctions(_runspace, _engine, _globals);
        _leftovers = new RequestLeftovers(_runspace, _engine);
        RenewShell();
    }

    /// <summary>Closes it; it may be opened again.</summary>
    public void Close()
    {
        _shell?.Dispose();
        if (_leftovers is null)
            _runspace?.Dispose();
        else
            _leftovers.Close();
        _shell = null;
        _leftovers = null;
        _runspace = null;
    }

    /// <summary>Calls a method as a command for the request that is answered: scripts that it runs can be stopped.</summary>
    public void RunAsCommand(Action method)
    {
        ExceptionDispatchInfo? failure = null;
        if (_pipeline is not null)
        {
            _pipeline.Call(KeptPipeline.CallOf(
                InvokeMethodCommand.Name, null, (InvokeMethodCommand.Method, KeptPipeline.Constant((Action)Try))));
            ThrowIfTooDeep();
        }
        else
        {
            var shell = _shell!;
            shell.Commands.Clear();
            shell.AddCommand(InvokeMethodCommand.Name).AddParameter(InvokeMethodCommand.Method, (Action)Try);
            Invoke(shell);
        }

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
        // Within a pipeline the shell has to be one inside it.
        using var shell = _pipeline is null ? Shell.Create() : Shell.Create(RunspaceMode.CurrentRunspace);
        if (_pipeline is null)
            shell.Runspace = _runspace;
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
    /// <returns>False if the runspace must not be used again.</returns>
    public bool TryCleanUp()
    {
        var (use, variables) = (_use, _variables);
        (_context, _use, _variables) = (null, GlobalUse.None, null);
        _output.Clear();
        try
        {
            SetThis(null);
            _request.Value = _response.Value = _session.Value = _arguments.Value = null;
            if (!_leftovers!.TryEnd(use) || (setup.IsolatesModules && use == GlobalUse.Everything))
                return false;
            if (!_globals!.TryRestore(use, variables))
                return false;
            if (use != GlobalUse.None)
                SetOwnVariables();
        }
        catch (SessionStateException)
        {
            // A handler has locked them.
            return false;
        }

        if (_shell!.HadErrors || _hasSpoken)
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
        // Within a pipeline the runspace would refuse to be asked.
        var variables = _pipeline is null ? _runspace!.SessionStateProxy.PSVariable : _engine!.SessionState.PSVariable;
        variables.Set(_request);
        variables.Set(_response);
        variables.Set(_session);
        variables.Set(_arguments);
    }

    /// <summary>Makes anew what runs scripts: a late effect of a stop must not meet the next request.</summary>
    public void RenewShell()
    {
        var shell = Shell.Create();
        shell.Runspace = _runspace;
        var streams = shell.Streams;
        streams.Error.DataAdded += (_, added) =>
            Record(LogLevel.Error, ErrorText.Of(streams.Error[added.Index], () => RunningScript(_runspace!.Debugger)));
        streams.Warning.DataAdded += (_, added) => Record(LogLevel.Warning, streams.Warning[added.Index].Message);
        streams.Verbose.DataAdded += (_, added) => Record(LogLevel.Debug, streams.Verbose[added.Index].Message);
        streams.Debug.DataAdded += (_, added) => Record(LogLevel.Debug, streams.Debug[added.Index].Message);
        streams.Information.DataAdded += (_, added) => Record(LogLevel.Information, streams.Information[added.Index].ToString());
        streams.Progress.DataAdded += (_, _) => TakeProgress(streams.Progress);
        running.Use(shell);
        _shell?.Dispose();
        _shell = shell;
    }

    private void TakeProgress(PSDataCollection<ProgressRecord> records)
    {
        _hasSpoken = true;
        // What is read is not kept: a task may say it all day long.
        foreach (var progress in records.ReadAll())
            _context?.Report(progress);
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
        if (shell.InvocationStateInfo.State == PSInvocationState.Stopped)
            throw new PipelineStoppedException();
        ThrowIfTooDeep();
    }

    private void ThrowIfTooDeep()
    {
        if (running.IsTooDeep)
            throw new PipelineStoppedException();
    }
}
