using Http.Server.PowerShell;

namespace Http.Server.Host;

/// <summary>Runs a script, a line or a server without a prompt, and serves on while any server runs, until a signal ends it.</summary>
internal static class ForegroundRun
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    /// <returns>The program's exit code.</returns>
    public static int Run(HostArguments arguments)
    {
        using var signals = new EndSignals();
        using var session = new HostSession();
        using (var script = session.Begin(shell => Prepare(shell, session, arguments)))
        {
            if (WaitHandle.WaitAny([signals.Raised, script.Ended]) == 0)
                script.Stop();
            else if (script.Finish() is { } exitCode)
            {
                Stopping.BreakOffAsync().GetAwaiter().GetResult();
                return exitCode;
            }
        }

        WaitForEnd(signals);
        if (signals.IsRaised)
            Stopping.StopServersAsync().GetAwaiter().GetResult();
        return ExitCode.Success;
    }

    /// <summary>Until a signal comes or no server runs. One that is just being started anew is missing for a moment.</summary>
    private static void WaitForEnd(EndSignals signals)
    {
        for (var misses = 0; misses < 3;)
        {
            misses = HttpServerHosting.GetServers().Count > 0 ? 0 : misses + 1;
            if (signals.Wait(LookInterval))
                return;
        }
    }

    private static void Prepare(Shell shell, HostSession session, HostArguments arguments)
    {
        switch (arguments.Action)
        {
            case HostAction.Script:
                HostSession.AddScript(shell, ScriptFile.Find(arguments.Source), arguments.Rest);
                break;
            case HostAction.Command:
                shell.AddScript(arguments.Source).AddCommand("Out-Default");
                break;
            default:
                ServerStart.AddTo(shell, session.Engine, arguments.Rest);
                shell.AddCommand(AnnounceCommand.Name);
                break;
        }
    }
}
