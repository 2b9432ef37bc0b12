using System.Text.RegularExpressions;

namespace Http.Server.Documentation.Tests.Support;

/// <summary>Commands of <c>httpserver-host</c> and its scripts, changed so that their servers listen at a free port of the loopback.</summary>
internal static partial class HostSample
{
    private const string Listening = "-Port 0 -Bind 127.0.0.1";

    /// <summary>Whether a line of the console starts the host.</summary>
    public static bool IsCommand(string command) => command == "httpserver-host" || command.StartsWith("httpserver-host ", StringComparison.Ordinal);

    /// <summary>The arguments of such a line.</summary>
    public static string[] ArgumentsOf(string command)
    {
        string[] words = [.. WordPattern().Matches(command).Skip(1).Select(static word => word.Groups[1].Success ? word.Groups[1].Value : word.Value)];
        if (words is ["-Command", var line])
            return ["-Command", AtFreePort(line)];
        return words is [] or [['-', ..], ..] ? [.. Listening.Split(' '), .. ListeningPattern().Replace(string.Join(' ', words), "").Split(' ', StringSplitOptions.RemoveEmptyEntries)] : words;
    }

    /// <summary>A script, or a line of PowerShell, whose servers listen at a free port of the loopback.</summary>
    public static string AtFreePort(string script) => StartPattern().Replace(script, start => $"Start-HttpServer {Listening}{ListeningPattern().Replace(start.Groups[1].Value, "")}");

    /// <summary>A word of a shell, perhaps in quotes.</summary>
    [GeneratedRegex(@"'([^']*)'|[^\s']+")]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"Start-HttpServer\b([^;|\n]*)")]
    private static partial Regex StartPattern();

    /// <summary>Where the sample itself says that its server listens.</summary>
    [GeneratedRegex(@" ?-(?:Port|Bind) \S+")]
    private static partial Regex ListeningPattern();
}
