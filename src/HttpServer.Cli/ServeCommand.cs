using System.CommandLine;
using System.CommandLine.Help;
using Http.Server.Cli.Health;
using Http.Server.Cli.Services;
using Http.Server.Hosting;

namespace Http.Server.Cli;

/// <summary>The command line: from its arguments to settings, and what is said when they are wrong.</summary>
internal static class ServeCommand
{
    public const string InlineCompletionsVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private const string ProgramName = "httpserver";

    /// <summary>Runs the program.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [HashPasswordCommand.Name, ..])
            return HashPasswordCommand.Run(args[1..]);
        if (args is [HealthCommand.Name, ..])
            return await HealthCommand.RunAsync(args[1..]).ConfigureAwait(false);
        if (args is [InstallServiceCommand.Name or UninstallServiceCommand.Name, ..])
            return args[0] == InstallServiceCommand.Name
                ? InstallServiceCommand.Run(args[1..])
                : UninstallServiceCommand.Run(args[1..]);
        var (result, options) = Parse(HeaderArguments.Join(args));
        if (UsageProblem.Find(result, ServeOptions.Port) is { } problem)
            return Refuse(problem);
        if (result.Action is not null)
        {
            // The help is written into a text first, because the output may be closed.
            using var page = new StringWriter();
            result.Invoke(new InvocationConfiguration { Output = page, EnableDefaultExceptionHandler = false });
            Terminal.Say(page.ToString());
            return ExitCode.Success;
        }

        if (result.GetValue(ServeOptions.ConfigSchema))
        {
            Terminal.Say(ReadSchema());
            return ExitCode.Success;
        }

        return ReadValues(result, options, out var exitCode) is { } values
            ? await FileServer.RunAsync(new ServerSettings(values)).ConfigureAwait(false)
            : exitCode;
    }

    /// <summary>What a line says, and its configuration file.</summary>
    /// <param name="result">A line without errors.</param>
    /// <param name="options">What it was parsed with.</param>
    /// <param name="exitCode">How the program is to end if there is nothing to go on with.</param>
    /// <returns>Null if something is wrong, which the user has been told.</returns>
    public static IReadOnlyList<SettingValue>? ReadValues(ParseResult result, ServeOptions options, out int exitCode)
    {
        IReadOnlyList<SettingValue> values = options.Read(result);
        exitCode = ExitCode.Success;
        try
        {
            if (result.GetValue(ServeOptions.Config) is { } path)
                values = SettingsTable.Merge(values, ReadFile(path));
        }
        catch (SettingsFileException exception)
        {
            exitCode = Refuse(exception.Message);
            return null;
        }
        catch (CannotStartException exception)
        {
            Terminal.Complain(exception.Message);
            exitCode = ExitCode.CannotStart;
            return null;
        }

        if (SettingsTable.FindConflict(values) is not { } conflict)
            return values;
        exitCode = Refuse(conflict);
        return null;
    }

    /// <summary>Says what is wrong with a line.</summary>
    /// <returns>The exit code for it.</returns>
    public static int Refuse(string problem)
    {
        Terminal.Complain($"{HeaderArguments.Show(problem)} Try 'httpserver --help'.");
        return ExitCode.Usage;
    }

    private static string ReadSchema()
    {
        using var reader = new StreamReader(typeof(ServeCommand).Assembly.GetManifestResourceStream("httpserver.schema.json")!);
        return reader.ReadToEnd();
    }

    private static List<SettingValue> ReadFile(string path)
    {
        try
        {
            return [.. SettingsFile.ReadChecked(path)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CannotStartException(
                $"Cannot read the configuration: {exception.Message.TrimEnd('.')}. Give a file that can be read with --config.");
        }
    }

    /// <summary>
    /// Parses the line. The parser's own options, for help and the version, look up texts in resources when they are made,
    /// which takes a good part of a start. So they are there only for a line that asks for them, or is wrong.
    /// </summary>
    public static (ParseResult Result, ServeOptions Options) Parse(string[] args)
    {
        // A name that begins with @ is a name, not a file with more arguments.
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
        if (!Array.Exists(args, static arg => arg is "--help" or "-h" or "-?" or "/?" or "/h" or "--version"))
        {
            var named = ServeOptions.NamedIn(args);
            var plain = new Command(ProgramName);
            named.AddTo(plain);
            var result = plain.Parse(args, configuration);
            if (result.Errors.Count == 0)
                return (result, named);
        }

        var all = ServeOptions.All();
        return (MakeCommand(all).Parse(args, configuration), all);
    }

    private static Command MakeCommand(ServeOptions options)
    {
        // This is no root command, because that would have the assembly's name.
        var help = new HelpOption { Description = "Show this help and exit." };
        help.Action = new HelpPage((HelpAction)help.Action!);
        var command = new Command(ProgramName, "Serves a directory over HTTP or HTTPS.");
        command.Options.Add(help);
        command.Options.Add(new VersionOption { Description = "Show the version and exit." });
        options.AddTo(command);
        return command;
    }
}
