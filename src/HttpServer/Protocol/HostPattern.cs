using System.Globalization;

namespace Http.Server.Protocol;

/// <summary>A name of a host, <c>*.</c> and a domain for all names below it, or <c>*</c> for all.</summary>
internal readonly struct HostPattern
{
    /// <summary>The name; for a domain with the dot before it; empty for all.</summary>
    private readonly string _text;
    private readonly bool _isDomain;

    private HostPattern(string text, bool isDomain) => (_text, _isDomain) = (text, isDomain);

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">Without a port; names with letters beyond ASCII become their IDNA form.</param>
    /// <param name="pattern">What was read.</param>
    /// <returns>False if the text is no pattern.</returns>
    public static bool TryParse(string text, out HostPattern pattern)
    {
        pattern = new("", isDomain: true);
        if (text == "*")
            return true;
        var isDomain = text.StartsWith("*.", StringComparison.Ordinal);
        if (ReadName(isDomain ? text[2..] : text) is not { } name)
            return false;
        pattern = new(isDomain ? "." + name : name, isDomain);
        return true;
    }

    /// <summary>Whether the pattern is one of a name.</summary>
    /// <param name="name">A name in lower case, without a port and without a dot at its end.</param>
    public bool Matches(string name) => _isDomain ? name.EndsWith(_text, StringComparison.Ordinal) : name == _text;

    private static string? ReadName(string text)
    {
        try
        {
            var name = text.StartsWith('[') ? text : new IdnMapping().GetAscii(text.TrimEnd('.')).ToLowerInvariant();
            return Uri.CheckHostName(name) is UriHostNameType.Unknown ? null : name;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
