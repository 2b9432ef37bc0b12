using System.Reflection;

namespace Http.Server.Host;

/// <summary>From the command line to what runs.</summary>
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
                Streams.Say("httpserver-host " + typeof(HostProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
                return ExitCode.Success;
            default:
                // Read by the engine when it starts: nobody asked for either.
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
