using System.Management.Automation;
using System.Management.Automation.Host;
using Http.Server.Host.CommandLine;
using Http.Server.Host.Scripts;
using Http.Server.PowerShell;

namespace Http.Server.Host;

/// <summary>Starts the server in the prompt's own session.</summary>
/// <param name="variable">The variable that holds this object.</param>
/// <param name="options">Words of the command line.</param>
public sealed class PromptStart(string variable, IReadOnlyList<string> options)
{
    /// <summary>Starts the server, and ends the program if that fails.</summary>
    /// <param name="engine">The session.</param>
    /// <param name="host">The console.</param>
    public void Run(EngineIntrinsics engine, PSHost host)
    {
        engine.SessionState.PSVariable.Remove(variable);
        var exitCode = Start(engine);
        if (exitCode != ExitCode.Success)
            host.SetShouldExit(exitCode);
        else
        {
            Streams.Say(
                "Register-HttpHandler GET /hello { 'hello' } adds a handler, Get-Help about_HttpServer tells more, exit ends.");
        }

    }

    private int Start(EngineIntrinsics engine)
    {
        try
        {
            using var shell = Shell.Create(RunspaceMode.CurrentRunspace);
            ServerStart.AddTo(shell, engine, options);
            foreach (var result in shell.Invoke())
            {
                if (result.BaseObject is HttpServerInstance server)
                    AnnounceCommand.Announce(server);
            }

            foreach (var error in shell.Streams.Error)
                Streams.Complain(ScriptError.Of(error));
            return shell.HadErrors ? ExitCode.Failure : ExitCode.Success;
        }
        catch (Exception exception) when (exception is UsageException or ParameterBindingException)
        {
            Streams.Complain(exception.Message);
            return ExitCode.Usage;
        }
        catch (RuntimeException exception)
        {
            Streams.Complain(exception.Message);
            return ExitCode.Failure;
        }
    }
}
