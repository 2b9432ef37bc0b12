using Http.Server.Host.CommandLine;
using Http.Server.Host.Scripts;
using Http.Server.Hosting;
using Http.Server.PowerShell;

namespace Http.Server.Host;

/// <summary>
/// Runs a script, a line or a server without a prompt. The program then goes on while any server runs, until a signal ends it.
/// </summary>
internal static class ForegroundRun
{
    /// <returns>The program's exit code.</returns>
    public static int Run(HostArguments arguments)
    {
        using var signals = new EndSignals();
        using var log = new LogDisplay();
        using var session = new HostSession();
        using var memory = new MemoryReturn(
            static () => HttpServerHosting.GetServers().Sum(static server => server.ConnectionCount));
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

    /// <summary>Waits until a signal comes or no server runs.</summary>
    private static void WaitForEnd(EndSignals signals)
    {
        // Not disposed of: the thread of a server that ends may set it after this method has returned.
        var changed = new AutoResetEvent(initialState: false);
        void OnChanged(object? sender, EventArgs arguments) => changed.Set();
        HttpServerHosting.ServersChanged += OnChanged;
        try
        {
            WaitHandle[] handles = [signals.Raised, changed];
            while (HttpServerHosting.GetServers().Count > 0 && WaitHandle.WaitAny(handles) != 0)
            {
                // The condition looks at the servers that run now, so it does not matter which of them has changed.
            }
        }
        finally
        {
            HttpServerHosting.ServersChanged -= OnChanged;
        }
    }

    private static void Prepare(Shell shell, HostSession session, HostArguments arguments)
    {
        switch (arguments.Action)
        {
            case HostAction.Script:
                session.AddScript(shell, ScriptFile.Find(arguments.Source), arguments.Rest);
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
