using Http.Server.Hosting;
using Http.Server.Hosting.Services;

namespace Http.Server.Cli.Services;

/// <summary><c>httpserver uninstall-service</c>: stops what <c>install-service</c> has installed, and takes it away.</summary>
internal static class UninstallServiceCommand
{
    public const string Name = "uninstall-service";

    private const string Help = """
        Description:
          Stops a service that 'httpserver install-service' has installed, and takes its units away.

        Usage:
          httpserver uninstall-service [--dry-run] [--name NAME]

        Options:
          --dry-run            Print the files that would go, and change nothing.
          --name NAME          The service's name. [default: httpserver]

        """;

    /// <returns>The program's exit code.</returns>
    public static int Run(string[] args)
    {
        var options = ServiceOptions.Read(args);
        if (options.IsHelpWanted)
        {
            Terminal.Say(Help.ReplaceLineEndings());
            return ExitCode.Success;
        }

        if (options.Problem is { } problem)
            return ServeCommand.Refuse(problem);
        if (options.Rest.Count > 0)
            return ServeCommand.Refuse($"'{options.Rest[0]}' is no argument of {Name}, which takes --name and --dry-run alone.");
        try
        {
            if (options.IsDryRun)
                Terminal.Say(string.Concat(ServiceInstaller.FindFiles(options.Name).Select(static file => file + "\n")));
            else
                ServiceInstaller.Uninstall(options.Name);
            return ExitCode.Success;
        }
        catch (CannotStartException exception)
        {
            Terminal.Complain(exception.Message);
            return ExitCode.CannotStart;
        }
    }
}
