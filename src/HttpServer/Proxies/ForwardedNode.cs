using System.Net;

namespace Http.Server.Proxies;

/// <summary>One who takes part in a request: an address and perhaps a port, or one that is not told.</summary>
/// <param name="Address">Null for <c>unknown</c> and for a name that hides the address.</param>
/// <param name="Port">0 if it is not told.</param>
internal readonly record struct ForwardedNode(IPAddress? Address, int Port)
{
    /// <summary>Reads a node of the Forwarded header (RFC 7239, section 6).</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ForwardedNode node)
    {
        node = default;
        var name = text;
        ReadOnlySpan<byte> rest = default;
        // The brackets hold colons of their own.
        var from = text.StartsWith("["u8) ? text.IndexOf((byte)']') : 0;
        if (from < 0)
            return false;
        if (text[from..].IndexOf((byte)':') is >= 0 and var colon)
        {
            name = text[..(from + colon)];
            rest = text[(from + colon + 1)..];
        }

        var port = 0;
        if (name.Length < text.Length && !AddressText.TryParsePort(rest, out port) && !IsObfuscated(rest))
            return false;
        if (name is [(byte)'[', .. var inner, (byte)']'])
        {
            if (!AddressText.TryParseIPv6(inner, out var six))
                return false;
            node = new(six, port);
            return true;
        }

        if (AddressText.TryParseIPv4(name, out var four))
        {
            node = new(four, port);
            return true;
        }

        return System.Text.Ascii.EqualsIgnoreCase(name, "unknown"u8) || IsObfuscated(name);
    }

    /// <summary>
    /// Reads an entry of X-Forwarded-For, which no specification describes: the same, and IPv6 addresses without
    /// brackets.
    /// </summary>
    public static bool TryParseLoosely(ReadOnlySpan<byte> text, out ForwardedNode node)
    {
        if (!AddressText.TryParseIPv6(text, out var bare))
            return TryParse(text, out node);
        node = new(bare, 0);
        return true;
    }

    /// <summary>
    /// A name that the proxy made up: an underscore, then letters, digits and <c>._-</c> (RFC 7239, section
    /// 6.3).
    /// </summary>
    private static bool IsObfuscated(ReadOnlySpan<byte> text)
    {
        if (text is not [(byte)'_', _, ..])
            return false;
        foreach (var value in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)value) && value is not ((byte)'.' or (byte)'_' or (byte)'-'))
                return false;
        }

        return true;
    }
}
