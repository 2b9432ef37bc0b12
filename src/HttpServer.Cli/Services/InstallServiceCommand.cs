using Http.Server.Hosting;
using Http.Server.Hosting.Services;

namespace Http.Server.Cli.Services;

/// <summary>
/// <c>httpserver install-service</c>: has systemd start the server, with a socket of its own and few rights. The arguments are
/// those of the server.
/// </summary>
internal static class InstallServiceCommand
{
    public const string Name = "install-service";

    private const string Help = """
        Description:
          Has systemd run the server with these arguments, now and from each start of the system on. systemd listens for it, at
          ports below 1024 too, and it runs as a user of its own with few rights. Paths may be relative to the current directory;
          settings of --config are taken as they are now.

        Usage:
          httpserver install-service [--dry-run] [--name NAME] [--user USER] [--instances COUNT] [the server's arguments]

        Options:
          --dry-run            Print the units and change nothing.
          --name NAME          The service's name. [default: httpserver]
          --user USER          Run as this user, who owns the files of uploads say. Default: one that exists only meanwhile.
          --instances COUNT    So many servers, NAME@1 and on, at ports that follow each other, or at numbered Unix sockets.

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
        var (result, serveOptions) = ServeCommand.Parse(HeaderArguments.Join([.. options.Rest]));
        if (UsageProblem.Find(result, ServeOptions.Port) is { } wrong)
            return ServeCommand.Refuse(wrong);
        if (ServeCommand.ReadValues(result, serveOptions, out var exitCode) is not { } values)
            return exitCode;
        try
        {
            var plan = ServiceArguments.Plan(options, values);
            if (plan.User is null && values.Any(static value => value is { IsOn: true, Setting.Name: "upload" }))
                Terminal.Complain("Uploads belong to a user that exists only while the service runs: name one that may write to "
                    + "the directory with --user.");
            if (options.IsDryRun)
                Terminal.Say(SystemdUnits.Show(plan));
            else
                ServiceInstaller.Install(plan);
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is CannotStartException or ServerStartException)
        {
            Terminal.Complain(exception.Message);
            return ExitCode.CannotStart;
        }
    }
}
