using Http.Server.Hosting;

namespace Http.Server.Host.CommandLine;

/// <summary>
/// The command line, taken apart: which of its words belong to the program, to a script or to <c>Start-HttpServer</c>.
/// </summary>
internal sealed record HostArguments
{
    private static readonly string[] OwnOptions = ["--help", "--version", "--watch", "-Command"];

    /// <summary>What is to be done.</summary>
    public required HostAction Action { get; init; }

    /// <summary>The path of the script, or the text of the command.</summary>
    public string Source { get; init; } = "";

    /// <summary>The script's arguments, or the options of <c>Start-HttpServer</c>, as they were typed.</summary>
    public IReadOnlyList<string> Rest { get; init; } = [];

    /// <summary>The script is run anew when it changes.</summary>
    public bool Watch { get; init; }

    /// <summary>Takes a command line apart. What belongs to a script is not looked at.</summary>
    /// <exception cref="UsageException">It is wrong.</exception>
    public static HostArguments Parse(IReadOnlyList<string> args)
    {
        var watch = false;
        var at = 0;
        for (; at < args.Count && args[at].StartsWith("--", StringComparison.Ordinal); at++)
        {
            switch (args[at])
            {
                case "--help":
                    return new() { Action = HostAction.Help };
                case "--version":
                    return new() { Action = HostAction.Version };
                case "--watch":
                    watch = true;
                    continue;
                case "--":
                    return at + 1 < args.Count
                        ? Script(args, at + 1, watch)
                        : throw new UsageException("Behind -- a script is missing.");
                default:
                    throw new UsageException(Unknown(args[at]));
            }
        }

        if (at < args.Count && !args[at].StartsWith('-'))
            return Script(args, at, watch);
        if (at < args.Count && IsCommand(args[at]))
            return Command(args, at + 1, watch);
        if (args is ["-h" or "-?"])
            return new() { Action = HostAction.Help };
        return watch
            ? throw new UsageException("--watch needs a script to watch: httpserver-host --watch server.ps1. "
                + "Pages in browsers follow their files with -LiveReload.")
            : new() { Action = HostAction.Serve, Rest = [.. args.Skip(at)] };
    }

    private static HostArguments Script(IReadOnlyList<string> args, int at, bool watch) =>
        new() { Action = HostAction.Script, Source = args[at], Rest = [.. args.Skip(at + 1)], Watch = watch };

    private static HostArguments Command(IReadOnlyList<string> args, int at, bool watch)
    {
        if (watch)
            throw new UsageException("--watch needs a script to watch: a line of -Command does not change.");
        if (at >= args.Count)
        {
            throw new UsageException(
                "Behind -Command a line of PowerShell is missing: httpserver-host -Command 'Start-HttpServer; ...'.");
        }

        return at + 1 == args.Count
            ? new() { Action = HostAction.Command, Source = args[at] }
            : throw new UsageException(
                $"-Command takes one line, but '{args[at + 1]}' follows it. Put the whole line into quotes.");
    }

    private static bool IsCommand(string word) =>
        word.Equals("-Command", StringComparison.OrdinalIgnoreCase) || word.Equals("-c", StringComparison.OrdinalIgnoreCase);

    private static string Unknown(string option)
    {
        var near = NearName.Find(option, OwnOptions) ?? NearName.Find(option[1..], OwnOptions);
        return $"There is no option {option}. " + (near is null
            ? "Options of Start-HttpServer begin with one dash; httpserver-host --help shows the rest."
            : $"Did you mean {near}?");
    }
}
