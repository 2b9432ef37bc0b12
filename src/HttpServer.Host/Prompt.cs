using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;
using Microsoft.PowerShell;

namespace Http.Server.Host;

/// <summary>PowerShell's own console, with the module imported and a server that was started before the first prompt.</summary>
internal static class Prompt
{
    /// <summary>The variable of the session that has the object which starts the server; the object removes it.</summary>
    private const string StartVariable = "HttpServerHostStart";

    /// <summary>The first line of the session. No word of the command line is part of its text.</summary>
    private const string FirstLine = $"${StartVariable}.Run($ExecutionContext, $Host)";

    /// <returns>The program's exit code.</returns>
    public static int Run(IReadOnlyList<string> options)
    {
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule([ModuleFolder.Manifest]);
        state.Variables.Add(new SessionStateVariableEntry(StartVariable, new PromptStart(StartVariable, options), ""));
        return ConsoleShell.Start(state, "", "", ["-NoLogo", "-NoProfile", "-NoExit", "-Command", FirstLine]);
    }

    /// <summary>Ends the process, also while a command runs. The runtime restores the terminal at its exit.</summary>
    private static void End(PosixSignalContext context)
    {
        context.Cancel = true;
        ThreadPool.UnsafeQueueUserWorkItem(static _ =>
        {
            Stopping.StopServersAsync().GetAwaiter().GetResult();
            Environment.Exit(ExitCode.Success);
        }, null);
    }
}
