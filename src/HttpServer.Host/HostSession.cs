using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Http.Server.Host.CommandLine;
using Http.Server.Host.Consoles;
using Http.Server.Host.Scripts;

namespace Http.Server.Host;

/// <summary>A runspace with the module imported, whose output goes to the standard streams.</summary>
internal sealed class HostSession : IDisposable
{
    private readonly ConsoleHost _host = new();
    private readonly Runspace _runspace;

    /// <summary>Opens the runspace and imports the module.</summary>
    public HostSession()
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([ModuleFolder.Manifest]);
        state.Commands.Add(new SessionStateCmdletEntry(AnnounceCommand.Name, typeof(AnnounceCommand), null));
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.Open();
        Engine = (EngineIntrinsics)_runspace.SessionStateProxy.GetVariable("ExecutionContext");
    }

    /// <summary>The commands and variables of the session.</summary>
    public EngineIntrinsics Engine { get; }

    /// <summary>Adds a script file with its arguments, which PowerShell's binder tells apart as <c>pwsh -File</c> does.</summary>
    public void AddScript(Shell shell, string path, IReadOnlyList<string> arguments)
    {
        var command = new Command(path, isScript: false, useLocalScope: false);
        shell.Commands.AddCommand(command);
        foreach (var argument in arguments)
            command.Parameters.Add(ScriptArgument.Read(argument));
        shell.AddCommand("Out-Default");
        ScriptExit.EndsSession(_runspace);
    }

    /// <summary>The files in which functions of the session are defined: among them all that a script has dot-sourced.</summary>
    public IReadOnlyList<string> GetFunctionFiles()
    {
        using var shell = Shell.Create();
        shell.Runspace = _runspace;
        return [.. shell.AddCommand("Get-Command").AddParameter("CommandType", CommandTypes.Function).Invoke<FunctionInfo>()
            .Select(static function => function.ScriptBlock.File).OfType<string>().Distinct()];
    }

    /// <summary>Begins a pipeline, the first of the session.</summary>
    /// <exception cref="UsageException">The pipeline cannot be made of what the command line says.</exception>
    public SessionRun Begin(Action<Shell> prepare) => new(_runspace, _host, prepare);

    public void Dispose() => _runspace.Dispose();
}
