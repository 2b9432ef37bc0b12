using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Http.Server.Cli;

/// <summary>Parsers of the values that options take; what is wrong with one is added to its result.</summary>
internal static class ValueParsers
{
    private const string DefaultProtocol = "HTTP/1.1";

    public static int ParsePort(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort)
            return port;
        var hint = Directory.Exists(text) ? $" A directory is given with --directory {text}." : "";
        result.AddError($"The port is a number from 0 to 65535, not '{text}'.{hint}");
        return 0;
    }

    public static string ParseProtocol(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text is "HTTP/1.0" or DefaultProtocol)
            return text;
        var hint = text.Length > 0 && text.All(char.IsAsciiDigit) ? $" The port stands by itself, as in 'httpserver {text}'." : "";
        result.AddError($"--protocol takes HTTP/1.0 or HTTP/1.1, not '{text}'.{hint}");
        return DefaultProtocol;
    }

    /// <summary>The name of a file or directory. Empty, it is mostly a script's unset variable.</summary>
    public static string ParsePath(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (text.Length == 0)
            result.AddError($"The value of {NameOfOption(result)} is empty.");
        return text;
    }

    /// <summary>Several paths, none of them empty.</summary>
    public static string[] ParsePaths(ArgumentResult result)
    {
        string[] texts = [.. result.Tokens.Select(token => token.Value)];
        if (texts.Any(string.IsNullOrEmpty))
            result.AddError($"The value of {NameOfOption(result)} is empty.");
        return texts;
    }

    /// <summary>Environment variables: NAME=VALUE, or NAME alone.</summary>
    public static string[] ParseVariables(ArgumentResult result)
    {
        string[] texts = [.. result.Tokens.Select(token => token.Value)];
        if (texts.FirstOrDefault(text => text is "" or ['=', ..]) is { } wrong)
            result.AddError($"{NameOfOption(result)} takes NAME=VALUE or NAME, not '{wrong}'.");
        return texts;
    }

    public static string ParseContentType(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!text.All(c => c is >= ' ' and <= '~') || !MediaTypeHeaderValue.TryParse(text, out _))
            result.AddError($"--content-type takes a media type such as text/plain, not '{text}'.");
        return text;
    }

    public static int ParseSeconds(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86400)
            return seconds;
        result.AddError($"{NameOfOption(result)} takes a number of seconds from 1 to 86400, not '{text}'.");
        return 0;
    }

    public static T ParseChoice<T>(ArgumentResult result, params T[] choices)
        where T : struct, Enum
    {
        var text = result.Tokens[0].Value;
        foreach (var choice in choices)
        {
            if (text.Equals(choice.ToString(), StringComparison.OrdinalIgnoreCase))
                return choice;
        }

        var names = choices.Select(choice => choice.ToString().ToLowerInvariant()).ToArray();
        result.AddError($"{NameOfOption(result)} takes {string.Join(", ", names[..^1])} or {names[^1]}, not '{text}'.");
        return default;
    }

    private static string NameOfOption(ArgumentResult result) => ((OptionResult)result.Parent!).Option.Name;
}
