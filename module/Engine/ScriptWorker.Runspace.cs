using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Engine.Leftovers;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <content>The worker's runspace and what lies in it.</content>
internal sealed partial class ScriptWorker
{
    private Runspace OpenRunspace()
    {
        Runspace runspace;
        try
        {
            runspace = _pool.Setup.OpenRunspace(opened => _depth!.Begin(opened.Debugger));
        }
        finally
        {
            _depth!.End();
        }

        if (_tooDeepAt is null)
            return runspace;
        var place = _tooDeepAt.Length > 0 ? $" ({_tooDeepAt})" : "";
        _tooDeepAt = null;
        runspace.Dispose();
        throw new WorkerStartException(
            $"The initialization script failed: {TooDeep}{place}", "InitializationScriptFailed", null);
    }

    private void Open()
    {
        _runspace = OpenRunspace();
        _engine = (EngineIntrinsics)_runspace.SessionStateProxy.GetVariable("ExecutionContext");
        _functions.Clear();
        (_request, _response) = (new PSVariable("Request"), new PSVariable("Response"));
        SetOwnVariables();
        _runspace.SessionStateProxy.InvokeProvider.Item.Set("Function:" + InvokeMethodCommand.Name, InvokeMethodCommand.Body());
        _globals = new GlobalState(_runspace);
        _leftovers = new RequestLeftovers(_runspace, _engine);
        RenewShell();
    }

    /// <summary>The full path that a handler means by a path.</summary>
    /// <exception cref="RuntimeException">There is no such drive.</exception>
    public string PathOf(string path) => _engine!.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>What a variable holds for the handler that runs; null if there is none.</summary>
    public object? VariableOf(string name) => _engine!.SessionState.PSVariable.GetValue(name);

    /// <summary>The engine keeps <c>$this</c> in a place of its own, so it is set by its name.</summary>
    private void SetThis(object? value) => _engine!.SessionState.PSVariable.Set("this", value);

    private void SetOwnVariables()
    {
        var variables = _runspace!.SessionStateProxy.PSVariable;
        variables.Set(_request);
        variables.Set(_response);
    }

    private void Close()
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
        lock (_stopping)
        {
            _shell?.Dispose();
            _converter?.Dispose();
            (_shell, _converter) = (shell, converter);
        }
    }

    /// <summary>What the handler's script is at: the innermost call that is not the module's own.</summary>
    private static IScriptExtent? RunningScript(Debugger debugger) => debugger.GetCallStack()
        .Select(static frame => frame.Position)
        .FirstOrDefault(static at => at is { StartLineNumber: > 0 } && !OwnScript.IsLine(at.StartScriptPosition.Line));

    /// <summary>Warns in the log, in the name of the request.</summary>
    public void Warn(string message) => Record(LogLevel.Warning, message);

    private void Record(LogLevel level, string message)
    {
        _hasSpoken = true;
        _pool.Setup.Log.Script(level, _context?.Client, _context?.RequestId, message);
    }
}
