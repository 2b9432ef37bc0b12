using System.CommandLine;

namespace Http.Server.Cli;

/// <summary>Makes arguments of a configuration file, so that its values go through the same checks as those of a command line.</summary>
internal static class ConfigArguments
{
    /// <summary>Two ways to the same, and what belongs to the first: a certificate that is given takes the place of one in the file.</summary>
    private static readonly string[] CertificateOptions = ["--tls-cert", "--tls-self-signed", "--tls-key", "--tls-password-file"];

    /// <summary>The whole command line: what was given, and what the file says beyond it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="arguments">What was given; it is right.</param>
    /// <param name="given">The same, parsed.</param>
    /// <param name="findProblem">Says what is wrong with arguments; null if they are right.</param>
    /// <exception cref="ConfigException">The file is wrong.</exception>
    /// <exception cref="CannotStartException">The file cannot be read.</exception>
    public static string[] Complete(string path, string[] arguments, ParseResult given, Func<string[], string?> findProblem)
    {
        var command = given.RootCommandResult.Command;
        var options = ConfigOptions.Of(command).ToDictionary(ConfigOptions.NameOf);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string[] port = [];
        var added = new List<string>();
        foreach (var member in Read(path, command).Where(member => member.IsOn))
        {
            var option = options.GetValueOrDefault(member.Name);
            string[] own = option is null ? [member.Values[0]] : [.. Write(option, member, folder)];
            if (findProblem(own) is { } problem)
                throw new ConfigException($"{member.Place}: {problem}");
            if (option is null)
                port = given.GetResult(command.Arguments[0]) is { Tokens.Count: > 0 } ? [] : own;
            else if (!IsGiven(given, option) && !(CertificateOptions.Contains(option.Name) && options.Values.Any(other => other.Name is "--tls-cert" or "--tls-self-signed" && IsGiven(given, other))))
                added.AddRange(own);
        }

        // An option that may stand without its value would take the port for one if that came behind it; and behind -- are no options.
        var end = Array.IndexOf(arguments, "--");
        return end < 0 ? [.. port, .. arguments, .. added] : [.. port, .. arguments[..end], .. added, .. arguments[end..]];
    }

    private static bool IsGiven(ParseResult given, Option option) => given.GetResult(option) is { Implicit: false };

    private static IReadOnlyList<ConfigMember> Read(string path, Command command)
    {
        try
        {
            return ConfigFile.Read(path, ConfigOptions.Kinds(command));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CannotStartException($"Cannot read the configuration: {exception.Message.TrimEnd('.')}. Give a file that can be read with --config.");
        }
    }

    private static IEnumerable<string> Write(Option option, ConfigMember member, string folder)
    {
        if (member.Values.Count == 0)
            return [option.Name];
        // One argument for both: a value that begins with a dash is none the less a value. Empty ones are seen only apart.
        return member.Values.Select(value => FromFolder(option, value, folder)).SelectMany(value => value.Length == 0 ? [option.Name, ""] : new[] { $"{option.Name}={value}" });
    }

    /// <summary>Paths in a file are relative to its folder, wherever the program is started.</summary>
    private static string FromFolder(Option option, string value, string folder)
    {
        const string Unix = "unix:";
        if (value.Length > 0 && ConfigOptions.IsPath(option))
            return Path.GetFullPath(value, folder);
        // "@" begins a name that is no path.
        return option.Name == "--bind" && value.StartsWith(Unix, StringComparison.Ordinal) && value.Length > Unix.Length && value[Unix.Length] != '@'
            ? Unix + Path.GetFullPath(value[Unix.Length..], folder)
            : value;
    }
}
