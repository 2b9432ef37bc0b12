using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Http.Server.Host.Consoles;

namespace Http.Server.Host;

/// <summary>A runspace with the module imported, and what is said in it at the standard streams.</summary>
internal sealed class HostSession : IDisposable
{
    private readonly ConsoleHost _host = new();
    private readonly Runspace _runspace;

    /// <summary>Opens the runspace and imports the module.</summary>
    public HostSession()
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([ModuleFolder.Manifest]);
        state.Commands.Add(new SessionStateCmdletEntry(AnnounceCommand.Name, typeof(AnnounceCommand), null) { Visibility = SessionStateEntryVisibility.Public });
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.Open();
        Engine = (EngineIntrinsics)_runspace.SessionStateProxy.GetVariable("ExecutionContext");
    }

    /// <summary>The session from outside.</summary>
    public EngineIntrinsics Engine { get; }

    /// <summary>Adds a script file with its arguments, which PowerShell's binder tells apart as <c>pwsh -File</c> does.</summary>
    public static void AddScript(Shell shell, string path, IReadOnlyList<string> arguments)
    {
        var command = new Command(path, isScript: false, useLocalScope: false);
        shell.Commands.AddCommand(command);
        foreach (var argument in arguments)
            command.Parameters.Add(ScriptArgument.Read(argument));
        shell.AddCommand("Out-Default");
    }

    /// <summary>Runs a pipeline; what it says goes to the standard streams. A signal stops it.</summary>
    /// <returns>The exit code, if it is decided by how the pipeline ended.</returns>
    public int? Execute(Action<Shell> prepare, EndSignals signals)
    {
        using var shell = Shell.Create();
        shell.Runspace = _runspace;
        var errors = shell.Streams.Error;
        errors.DataAdded += (_, added) => Streams.Report(ScriptError.Of(errors[added.Index]));
        try
        {
            prepare(shell);
            signals.SetAction(() => shell.BeginStop(null, null));
            var running = shell.BeginInvoke<PSObject>(null);
            var ended = running.AsyncWaitHandle;
            while (!ended.WaitOne(TimeSpan.FromSeconds(1)) && !signals.IsRaised)
            {
            }

            // A finally may take its time, but not for ever: the program ends over it.
            if (signals.IsRaised && !ended.WaitOne(Stopping.DrainTime() + Stopping.Patience))
                return ExitCode.Success;
            shell.EndInvoke(running);
            return _host.ExitCode ?? ReadExitCode(shell);
        }
        catch (PipelineStoppedException)
        {
            return signals.IsRaised ? null : ExitCode.Failure;
        }
        catch (UsageException exception)
        {
            Streams.Complain(exception.Message);
            return ExitCode.Usage;
        }
        catch (RuntimeException exception)
        {
            Streams.Complain(ScriptError.Of(exception));
            return exception is ParameterBindingException && exception.ErrorRecord.InvocationInfo is not { ScriptLineNumber: > 0 } ? ExitCode.Usage : ExitCode.Failure;
        }
        finally
        {
            signals.SetAction(null);
        }
    }

    /// <summary>A script file keeps what it gives to <c>exit</c> in a variable, where the codes of programs are too.</summary>
    private int? ReadExitCode(Shell shell)
    {
        var name = shell.Commands.Commands[0].CommandText;
        if (!File.Exists(name) || Parser.ParseFile(name, out _, out _).Find(static part => part is ExitStatementAst, searchNestedScriptBlocks: false) is null)
            return null;
        return _runspace.SessionStateProxy.GetVariable("LASTEXITCODE") as int?;
    }

    public void Dispose() => _runspace.Dispose();
}
