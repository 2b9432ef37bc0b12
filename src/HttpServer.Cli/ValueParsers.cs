using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Http.Server.Cli;

/// <summary>
/// Parsers of the values that options take; what is wrong with one is added to its result. Every value stays a text until the whole
/// line is known to be right: options of numbers and enums would be compiled when the program starts, a dozen methods for each.
/// </summary>
internal static class ValueParsers
{
    private const string DefaultProtocol = "HTTP/1.1";

    public static string ParsePort(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort)
            return text;
        var hint = Directory.Exists(text) ? $" A directory is given with --directory {text}." : "";
        result.AddError($"The port is a number from 0 to 65535, not '{text}'.{hint}");
        return text;
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

    public static string ParseSeconds(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86400)
            return text;
        result.AddError($"{NameOfOption(result)} takes a number of seconds from 1 to 86400, not '{text}'.");
        return text;
    }

    /// <summary>Seconds for caches: none, to a year.</summary>
    public static string ParseOptionalSeconds(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 31_536_000)
            result.AddError($"{NameOfOption(result)} takes a number of seconds from 0 to 31536000, a year, not '{text}'.");
        return text;
    }

    /// <summary>A number of things, one at least.</summary>
    public static string ParseCount(ArgumentResult result, int most)
    {
        var text = result.Tokens[0].Value;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1 || count > most)
            result.AddError($"{NameOfOption(result)} takes a number from 1 to {most}, not '{text}'.");
        return text;
    }

    /// <summary>A number of bytes, or of the 1,024-fold, twice or three times, with a letter behind it.</summary>
    public static string ParseSize(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (TryParseSize(text) is null)
            result.AddError($"{NameOfOption(result)} takes a number of bytes, or one with K, M or G behind it such as 500M, not '{text}'.");
        return text;
    }

    /// <summary>What <see cref="ParseSize"/> has found right.</summary>
    public static long ToBytes(string text) => TryParseSize(text) ?? 0;

    /// <summary>Origins as browsers send them: a scheme and a host. Without any, all.</summary>
    public static string[] ParseOrigins(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
            return ["*"];
        string[] texts = [.. result.Tokens.Select(token => token.Value)];
        if (Array.Find(texts, text => text != "*" && !IsOrigin(text)) is { } wrong)
            result.AddError($"{NameOfOption(result)} takes an origin such as https://example.com, or *, not '{wrong}'.");
        return texts;
    }

    /// <summary>A path as it stands in a request.</summary>
    public static string ParseUrlPath(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (!text.StartsWith('/') || text.Any(static letter => letter is <= ' ' or > '~' or '?' or '#'))
            result.AddError($"{NameOfOption(result)} takes a path such as /healthz, not '{text}'.");
        return text;
    }

    /// <summary>Addresses of proxies.</summary>
    public static string[] ParseProxies(ArgumentResult result)
    {
        string[] texts = [.. result.Tokens.Select(token => token.Value)];
        if (Array.Find(texts, static text => !TrustedProxy.TryParse(text, out _)) is { } wrong)
            result.AddError($"{NameOfOption(result)} takes an address such as 192.0.2.1, a network such as 10.0.0.0/8, or unix, not '{wrong}'.");
        return texts;
    }

    /// <summary>The page of an application; without one index.html.</summary>
    public static string ParseSpa(ArgumentResult result) => result.Tokens.Count == 0 ? "index.html" : ParsePath(result);

    /// <summary>One of a few words, whatever its case.</summary>
    public static string ParseChoice(ArgumentResult result, params string[] choices)
    {
        var text = result.Tokens[0].Value.ToLowerInvariant();
        if (!choices.Contains(text))
            result.AddError($"{NameOfOption(result)} takes {string.Join(", ", choices[..^1])} or {choices[^1]}, not '{result.Tokens[0].Value}'.");
        return text;
    }

    private static long? TryParseSize(string text)
    {
        var shift = text.Length == 0 ? 0 : text[^1] switch { 'K' or 'k' => 10, 'M' or 'm' => 20, 'G' or 'g' => 30, _ => 0 };
        return long.TryParse(shift > 0 ? text.AsSpan(0, text.Length - 1) : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> shift
            ? number << shift
            : null;
    }

    private static string NameOfOption(ArgumentResult result) => ((OptionResult)result.Parent!).Option.Name;

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.PathAndQuery == "/" && !text.EndsWith('/') && uri.UserInfo.Length == 0;
}
