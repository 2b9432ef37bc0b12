using System.Reflection;
using Http.Server.Host.CommandLine;
using Http.Server.Host.Scripts;

namespace Http.Server.Host;

/// <summary>Reads the command line and runs what it asks for.</summary>
internal static class HostProgram
{
    /// <returns>The program's exit code.</returns>
    public static int Run(string[] args)
    {
        ModuleFolder.Register();
        HostArguments arguments;
        try
        {
            arguments = HostArguments.Parse(args);
        }
        catch (UsageException exception)
        {
            Streams.Complain(exception.Message);
            return ExitCode.Usage;
        }

        switch (arguments.Action)
        {
            case HostAction.Help:
                Console.Out.Write(HelpPage.Text);
                return ExitCode.Success;
            case HostAction.Version:
                var version = typeof(HostProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!;
                Streams.Say("httpserver-host " + version.InformationalVersion);
                return ExitCode.Success;
            default:
                // The engine reads both when it starts. The user of a server has not asked to send data or to look for updates.
                Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
                Environment.SetEnvironmentVariable("POWERSHELL_UPDATECHECK", "Off");
                return Serve(arguments);
        }
    }

    private static int Serve(HostArguments arguments)
    {
        if (arguments.Action == HostAction.Serve && !Console.IsInputRedirected && !Console.IsOutputRedirected)
            return Prompt.Run(arguments.Rest);
        try
        {
            return arguments.Watch
                ? new WatchedScript(ScriptFile.Find(arguments.Source), arguments.Rest).Run()
                : ForegroundRun.Run(arguments);
        }
        catch (UsageException exception)
        {
            Streams.Complain(exception.Message);
            return ExitCode.Usage;
        }
    }
}
