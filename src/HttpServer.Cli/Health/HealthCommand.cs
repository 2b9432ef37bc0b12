using System.Globalization;

namespace Http.Server.Cli.Health;

/// <summary>
/// <c>httpserver health URL</c>: asks a server whether it works, for the health check of a container whose image has no other
/// program.
/// </summary>
internal static class HealthCommand
{
    public const string Name = "health";

    private const int DefaultSeconds = 5;
    private const int MaxSeconds = 86_400;

    private const string Help = """
        Description:
          Asks a server whether it works, and says in one line what is wrong if it does not.

        Usage:
          httpserver health [--insecure] [--timeout SECONDS] URL

        URL is http://HOST:PORT/PATH, https://HOST:PORT/PATH, unix:SOCKET or unix:SOCKET:/PATH.

        Options:
          --insecure           Take any certificate, a self-signed one say.
          --timeout SECONDS    The longest time for everything. [default: 5]

        The exit code is 0 for an answer with a status of 2xx, 1 for any other and for none, 2 if the command line is wrong.

        """;

    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Any(static arg => arg is "-h" or "--help" or "-?"))
        {
            Terminal.Say(Help.ReplaceLineEndings());
            return ExitCode.Success;
        }

        var (address, isInsecure, seconds) = ((HealthAddress?)null, false, DefaultSeconds);
        for (var at = 0; at < args.Length; at++)
        {
            var (option, value) = Split(args[at]);
            if (args[at] == "--insecure")
            {
                isInsecure = true;
            }
            else if (option == "--timeout")
            {
                value ??= ++at < args.Length ? args[at] : null;
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seconds)
                    || seconds is < 1 or > MaxSeconds)
                    return Refuse($"--timeout takes a number of seconds from 1 to {MaxSeconds}, not '{value}'.");
            }
            else if (args[at].StartsWith('-'))
            {
                return Refuse($"There is no option {args[at]} of {Name}.");
            }
            else if (address is not null)
            {
                return Refuse($"'{args[at]}' is one argument too many: {Name} asks one server.");
            }
            else if ((address = HealthAddress.Parse(args[at])) is null)
            {
                return Refuse($"{Name} takes an address such as http://localhost:8000/healthz or unix:/run/site.sock:/healthz, "
                    + $"not '{args[at]}'.");
            }
        }

        if (address is null)
            return Refuse($"{Name} needs an address: httpserver {Name} http://localhost:8000/healthz.");
        var problem = await HealthProbe.FindProblemAsync(address, isInsecure, TimeSpan.FromSeconds(seconds))
            .ConfigureAwait(false);
        if (problem is null)
            return ExitCode.Success;
        Terminal.Complain(problem);
        return ExitCode.Unhealthy;
    }

    private static (string Option, string? Value) Split(string arg) =>
        arg.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (arg[..at], arg[(at + 1)..]) : (arg, null);

    private static int Refuse(string problem)
    {
        Terminal.Complain($"{problem} Try 'httpserver {Name} --help'.");
        return ExitCode.Usage;
    }
}
