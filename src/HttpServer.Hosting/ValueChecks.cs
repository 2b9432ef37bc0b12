using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Http.Server.State;

namespace Http.Server.Hosting;

/// <summary>What values of settings may be. Each check returns a sentence about what is wrong; null if nothing is.</summary>
internal static class ValueChecks
{
    private const int MaxTimeSeconds = 86_400;

    private const int MaxCacheSeconds = 31_536_000;

    /// <summary>Headers that the server sends where they are needed.</summary>
    private static readonly string[] Framing =
        ["Content-Length", "Transfer-Encoding", "Connection", "Date", "Trailer", "Upgrade"];

    public static string? Port(Setting setting, string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort)
            return null;
        var hint = Directory.Exists(text) ? $" A directory is given with --directory {text}." : "";
        return $"{setting.OptionName} is a number from 0 to 65535, not '{text}'.{hint}";
    }

    public static string? Protocol(Setting setting, string text)
    {
        if (text is "HTTP/1.0" or "HTTP/1.1")
            return null;
        var isPort = text.Length > 0 && text.All(char.IsAsciiDigit);
        var hint = isPort ? $" The port stands by itself, as in 'httpserver {text}'." : "";
        return $"{setting.OptionName} takes HTTP/1.0 or HTTP/1.1, not '{text}'.{hint}";
    }

    /// <summary>The name of a file, a directory or a user. An empty one comes mostly from a script's unset variable.</summary>
    public static string? NotEmpty(Setting setting, string text) =>
        text.Length == 0 ? $"The value of {setting.OptionName} is empty." : null;

    /// <summary>A name and a value, with a NUL between them.</summary>
    public static string? Header(Setting setting, string text)
    {
        var parts = text.Split('\0');
        if (parts[0].IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            return $"-H takes the name and the value apart and without a colon: -H {parts[0][..colon]} VALUE.";
        if (parts.Length != 2)
            return $"-H takes a name and a value: -H {text} VALUE.";
        if (parts[0].Length == 0 || !parts[0].All(IsTokenCharacter))
            return $"-H: '{parts[0]}' is no header name: a name has letters, digits and dashes.";
        if (parts[1].Any(c => (char.IsControl(c) && c != '\t') || c > '\u00ff'))
            return $"-H: the value of {parts[0]} has a character that a header cannot hold: '{parts[1]}'.";
        return Framing.Contains(parts[0], StringComparer.OrdinalIgnoreCase)
            ? $"-H: {parts[0]} belongs to the server, which sends it where it is needed."
            : null;
    }

    /// <summary>An environment variable: NAME=VALUE, or NAME alone.</summary>
    public static string? Variable(Setting setting, string text) =>
        text is "" or ['=', ..] ? $"{setting.OptionName} takes NAME=VALUE or NAME, not '{text}'." : null;

    public static string? ContentType(Setting setting, string text) =>
        text.All(static letter => letter is >= ' ' and <= '~') && MediaTypeHeaderValue.TryParse(text, out _)
            ? null
            : $"{setting.OptionName} takes a media type such as text/plain, not '{text}'.";

    public static string? Seconds(Setting setting, string text) => IsNumber(text, 1, MaxTimeSeconds)
        ? null
        : $"{setting.OptionName} takes a number of seconds from 1 to {MaxTimeSeconds}, not '{text}'.";

    /// <summary>Seconds for caches: none, to a year.</summary>
    public static string? CacheSeconds(Setting setting, string text) => IsNumber(text, 0, MaxCacheSeconds)
        ? null
        : $"{setting.OptionName} takes a number of seconds from 0 to {MaxCacheSeconds}, a year, not '{text}'.";

    /// <summary>A number of things: one at least, a million at most.</summary>
    public static string? Count(Setting setting, string text) => IsNumber(text, 1, 1_000_000)
        ? null
        : $"{setting.OptionName} takes a number from 1 to 1000000, not '{text}'.";

    /// <summary>A number of bytes, or of KiB, MiB or GiB with the letter K, M or G behind it.</summary>
    public static string? Size(Setting setting, string text) => ToBytes(text) is null
        ? $"{setting.OptionName} takes a number of bytes, or one with K, M or G behind it such as 500M, not '{text}'."
        : null;

    /// <summary>The same, of one byte at least.</summary>
    public static string? PositiveSize(Setting setting, string text) => ToBytes(text) is 0
        ? $"{setting.OptionName} takes a number of bytes from 1 on, or one with K, M or G behind it such as 10M, not '{text}'."
        : Size(setting, text);

    /// <summary>An address with its port.</summary>
    public static string? AddressAndPort(Setting setting, string text) => Hosting.AddressAndPort.TrySplit(text, out _, out _)
        ? null
        : $"{setting.OptionName} takes an address and a port such as localhost:9100 or [::1]:9100, :9100 for all interfaces, "
            + $"or unix:PATH, not '{text}'.";

    /// <summary>The bytes of a size; null if it is none.</summary>
    public static long? ToBytes(string text)
    {
        var shift = text.Length == 0 ? 0 : text[^1] switch { 'K' or 'k' => 10, 'M' or 'm' => 20, 'G' or 'g' => 30, _ => 0 };
        var digits = shift > 0 ? text.AsSpan(0, text.Length - 1) : text;
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= long.MaxValue >> shift
                ? number << shift
                : null;
    }

    /// <summary>An origin as browsers send it, a scheme and a host; or all.</summary>
    public static string? Origin(Setting setting, string text) => text != "*" && !IsOrigin(text)
        ? $"{setting.OptionName} takes an origin such as https://example.com, or *, not '{text}'."
        : null;

    /// <summary>A path as it stands in a request.</summary>
    public static string? UrlPath(Setting setting, string text) =>
        !text.StartsWith('/') || text.Any(static letter => letter is <= ' ' or > '~' or '?' or '#')
            ? $"{setting.OptionName} takes a path such as /healthz, not '{text}'."
            : null;

    /// <summary>Addresses of proxies.</summary>
    public static string? Proxy(Setting setting, string text) => !TrustedProxy.TryParse(text, out _)
        ? $"{setting.OptionName} takes an address such as 192.0.2.1, a network such as 10.0.0.0/8, or unix, not '{text}'."
        : null;

    /// <summary>The length of a line: 16 bytes, which the shortest request has, to a MiB.</summary>
    public static string? LineSize(Setting setting, string text) => ToBytes(text) is >= 16 and <= 1 << 20
        ? null
        : $"{setting.OptionName} takes a number of bytes from 16 to 1048576, or one with K behind it such as 16K, not '{text}'.";

    /// <summary>How often a client may ask.</summary>
    public static string? RateLimit(Setting setting, string text) => Server.RateLimit.TryParse(text, "Address", out _)
        ? null
        : $"{setting.OptionName} takes a number and a time such as 10/s, 100/m, 1000/h or 20/10s, not '{text}'.";

    /// <summary>What clients are told apart by.</summary>
    public static string? RateKey(Setting setting, string text) => Server.RateLimit.TryParse("1/s", text, out _)
        ? null
        : $"{setting.OptionName} takes address, user, or header:NAME such as header:X-Api-Key, not '{text}'.";

    /// <summary>Addresses of clients.</summary>
    public static string? Network(Setting setting, string text) => ReadNetwork(text) is null
        ? $"{setting.OptionName} takes an address such as 192.0.2.1 or a network such as 10.0.0.0/8, not '{text}'."
        : null;

    /// <summary>The networks of texts that were found right.</summary>
    public static IPNetwork[] ToNetworks(IEnumerable<string> texts) => [.. texts.Select(static text => ReadNetwork(text)!.Value)];

    /// <summary>A name that clients may ask for.</summary>
    public static string? HostName(Setting setting, string text) => HttpServerOptions.IsHostPattern(text)
        ? null
        : $"{setting.OptionName} takes the name of a host such as www.example.com without a port, *.example.com, or *, "
            + $"not '{text}'.";

    /// <summary>The address of a store that servers share.</summary>
    public static string? StateStore(Setting setting, string text) =>
        StateStoreAddress.TryParse(text, out _, out var problem) ? null : $"{setting.OptionName}: {problem}";

    /// <summary>One of the setting's words, in any case.</summary>
    public static string? Choice(Setting setting, string text)
    {
        var choices = setting.Choices!;
        return choices.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"{setting.OptionName} takes {string.Join(", ", choices.SkipLast(1))} or {choices[^1]}, not '{text}'.";
    }

    private static IPNetwork? ReadNetwork(string text) => TrustedProxy.TryParse(text, out var found) ? found.Network : null;

    private static bool IsNumber(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max;

    /// <summary>A character of a header's name (RFC 9110, section 5.6.2).</summary>
    private static bool IsTokenCharacter(char letter) =>
        char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal);

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
        && uri.PathAndQuery == "/" && !text.EndsWith('/');
}
