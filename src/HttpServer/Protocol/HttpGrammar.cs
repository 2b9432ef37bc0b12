namespace Http.Server.Protocol;

/// <summary>The character classes of RFC 9110 and RFC 3986 that more than one parser asks for.</summary>
internal static class HttpGrammar
{
    // A table and a loop rather than SearchValues: names and values are short, and vector code cannot be compiled ahead of time,
    // which alone would cost some 5 ms before the first answer.
    private const byte Token = 1;
    private const byte Target = 2;
    private const byte RegName = 4;
    private const byte Value = 8;
    private const byte IPv6 = 16;
    private const byte Query = 32;

    private static readonly byte[] Classes = MakeClasses();

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && AllAre(Token, text);

    public static bool IsToken(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c > 127 || (Classes[c] & Token) == 0)
                return false;
        }

        return !text.IsEmpty;
    }

    public static bool IsTokenByte(byte value) => (Classes[value] & Token) != 0;

    /// <summary>
    /// Whether the bytes may stand in a field value: all but DEL and the controls other than HTAB (RFC 9110, section
    /// 5.5).
    /// </summary>
    public static bool IsFieldValue(ReadOnlySpan<byte> text) => AllAre(Value, text);

    /// <summary>Whether text may stand in a field value or a reason phrase, as far as controls go.</summary>
    public static bool IsFieldValue(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c < 128 && (Classes[c] & Value) == 0)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Whether the bytes may stand in a request target before its query: every visible ASCII character but <c>#</c>. RFC 3986
    /// wants some of them escaped, but curl, older browsers and many libraries send them raw, and none can be misread.
    /// </summary>
    public static bool IsTargetText(ReadOnlySpan<byte> text) => AllAre(Target, text);

    /// <summary>Whether the bytes may stand in a query: what may stand in a path, and every byte beyond ASCII.</summary>
    public static bool IsQueryText(ReadOnlySpan<byte> text) => AllAre(Query, text);

    public static ReadOnlySpan<byte> TrimOws(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    /// <summary>
    /// Whether a Host value is <c>uri-host [ ":" port ]</c> with a host that is not empty (RFC 9110, section
    /// 7.2).
    /// </summary>
    public static bool IsHost(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> host;
        ReadOnlySpan<byte> rest;
        if (text.StartsWith("["u8))
        {
            var end = text.IndexOf((byte)']');
            if (end < 0)
                return false;
            host = text[1..end];
            rest = text[(end + 1)..];
            // A zone follows an escaped percent sign (RFC 6874); it means something to the client alone.
            var zone = host.IndexOf("%25"u8);
            if (!IsIPv6(zone < 0 ? host : host[..zone]) || (zone >= 0 && !IsZone(host[(zone + 3)..])))
                return false;
        }
        else
        {
            var colon = text.IndexOf((byte)':');
            host = colon < 0 ? text : text[..colon];
            rest = colon < 0 ? default : text[colon..];
            if (host.IsEmpty || !AllAre(RegName, host) || !HasWholeEscapes(host))
                return false;
        }

        return rest.IsEmpty || (rest[0] == ':' && IsPort(rest[1..]));
    }

    private static bool IsZone(ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)value)
                && value is not ((byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' or (byte)'%'))
                return false;
        }

        return !text.IsEmpty && HasWholeEscapes(text);
    }

    /// <summary>Whether the bytes are an IPv6 address without a zone.</summary>
    public static bool IsIPv6(ReadOnlySpan<byte> text)
    {
        // A zone has no place in a Host header: IPAddress would take one.
        Span<char> chars = stackalloc char[64];
        if (text.IsEmpty || text.Length > chars.Length || !AllAre(IPv6, text))
            return false;
        System.Text.Encoding.ASCII.GetChars(text, chars);
        return System.Net.IPAddress.TryParse(chars[..text.Length], out var address)
            && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
    }

    private static bool HasWholeEscapes(ReadOnlySpan<byte> text)
    {
        for (var at = text.IndexOf((byte)'%'); at >= 0; at = text.IndexOf((byte)'%'))
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit((char)text[at + 1]) || !char.IsAsciiHexDigit((char)text[at + 2]))
                return false;
            text = text[(at + 3)..];
        }

        return true;
    }

    // RFC 3986 allows an empty port after the colon.
    private static bool IsPort(ReadOnlySpan<byte> text) =>
        text.Length <= 5 && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9')
        && (text.IsEmpty || int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) <= 65535);

    private static bool AllAre(byte wanted, ReadOnlySpan<byte> text)
    {
        var classes = Classes;
        foreach (var value in text)
        {
            if ((classes[value] & wanted) == 0)
                return false;
        }

        return true;
    }

    private static byte[] MakeClasses()
    {
        var classes = new byte[256];
        for (var value = 0; value < classes.Length; value++)
        {
            var c = (char)value;
            var isWord = char.IsAsciiLetterOrDigit(c);
            if (isWord || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))
                classes[value] |= Token;
            if (c is > ' ' and not '#' and < '\x7f')
                classes[value] |= Target | Query;
            if (c > '\x7f')
                classes[value] |= Query;
            if (isWord || "!$&'()*+,;=-._~%".Contains(c, StringComparison.Ordinal))
                classes[value] |= RegName;
            if (c is '\t' or (>= ' ' and not '\x7f'))
                classes[value] |= Value;
            if (char.IsAsciiHexDigit(c) || c is ':' or '.')
                classes[value] |= IPv6;
        }

        return classes;
    }
}
