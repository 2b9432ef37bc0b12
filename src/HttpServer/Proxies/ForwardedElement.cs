using Http.Server.Protocol;

namespace Http.Server.Proxies;

/// <summary>
/// What one proxy says of a request that it passed on: an element of the Forwarded header (RFC 7239, section
/// 4).
/// </summary>
internal sealed class ForwardedElement
{
    /// <summary>Who made the request to the proxy; null if it does not say.</summary>
    public ForwardedNode? For { get; set; }

    /// <summary>Whether that was HTTPS; null if it does not say.</summary>
    public bool? IsSecure { get; set; }

    /// <summary>The Host header as the proxy got it; null if it does not say.</summary>
    public string? Host { get; set; }

    /// <summary>Reads a header line's elements and adds them in their order.</summary>
    /// <returns>False if the line is malformed, which takes the meaning from all of it: what a quote opens may swallow what
    /// follows.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, List<ForwardedElement> elements)
    {
        var current = new ForwardedElement();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (true)
        {
            line = line.TrimStart(" \t"u8);
            if (!line.IsEmpty && line[0] is not ((byte)',' or (byte)';') && !current.TryReadPair(ref line, seen))
                return false;
            var afterPair = line.TrimStart(" \t"u8);
            if (afterPair.IsEmpty || afterPair[0] == ',')
            {
                // Empty elements of a list say nothing (RFC 9110, section 5.6.1).
                if (seen.Count > 0)
                    elements.Add(current);
                if (afterPair.IsEmpty)
                    return true;
                line = afterPair[1..];
                current = new ForwardedElement();
                seen.Clear();
            }
            else if (line.StartsWith(";"u8))
            {
                line = line[1..];
                // White space stands around commas alone.
                if (line.StartsWith(" "u8) || line.StartsWith("\t"u8))
                    return false;
            }
            else
            {
                return false;
            }
        }
    }

    private bool TryReadPair(ref ReadOnlySpan<byte> line, HashSet<string> seen)
    {
        var sign = line.IndexOf((byte)'=');
        if (sign < 0 || !HttpGrammar.IsToken(line[..sign]))
            return false;
        var name = System.Text.Encoding.ASCII.GetString(line[..sign]);
        line = line[(sign + 1)..];
        return seen.Add(name) && TryReadValue(ref line, out var value) && TryTake(name, value);
    }

    private bool TryTake(string name, ReadOnlySpan<byte> value)
    {
        switch (name.ToLowerInvariant())
        {
            case "for":
                if (!ForwardedNode.TryParse(value, out var node))
                    return false;
                For = node;
                return true;
            case "by":
                return ForwardedNode.TryParse(value, out _);
            case "proto":
                IsSecure = ForwardedRequest.ReadScheme(value);
                return IsSecure is not null;
            case "host":
                if (!HttpGrammar.IsHost(value))
                    return false;
                Host = System.Text.Encoding.ASCII.GetString(value);
                return true;
            default:
                return true;
        }
    }

    /// <summary>
    /// A token, or a quoted string of which the quotes and backslashes are taken off (RFC 9110, section
    /// 5.6.4).
    /// </summary>
    private static bool TryReadValue(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (!line.StartsWith("\""u8))
        {
            var length = 0;
            while (length < line.Length && HttpGrammar.IsTokenByte(line[length]))
                length++;
            value = line[..length];
            line = line[length..];
            return length > 0;
        }

        var (end, escapes) = (1, 0);
        for (; end < line.Length && line[end] != '"'; end++)
        {
            if (line[end] != '\\')
                continue;
            end++;
            escapes++;
        }

        if (end >= line.Length)
            return false;
        value = escapes == 0 ? line[1..end] : Unescape(line[1..end], escapes);
        line = line[(end + 1)..];
        return true;
    }

    private static byte[] Unescape(ReadOnlySpan<byte> quoted, int escapes)
    {
        var text = new byte[quoted.Length - escapes];
        var count = 0;
        for (var at = 0; at < quoted.Length; at++)
            text[count++] = quoted[quoted[at] == '\\' ? ++at : at];
        return text;
    }
}
