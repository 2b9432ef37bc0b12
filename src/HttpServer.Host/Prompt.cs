using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;
using Microsoft.PowerShell;

namespace Http.Server.Host;

/// <summary>PowerShell's own console, with the module imported and a server that was started before the first prompt.</summary>
internal static class Prompt
{
    /// <summary>Read once at the start of the session, and removed from it by what it calls.</summary>
    private const string StartVariable = "HttpServerHostStart";

    /// <summary>The first line of the session: the text is the same whatever the command line says.</summary>
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

    /// <summary>Whatever the prompt is doing; the runtime puts the terminal in order.</summary>
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
