using System.Buffers;

namespace Http.Server.Text;

/// <summary>The character classes of RFC 9110 and RFC 3986 that more than one parser asks for.</summary>
internal static class HttpGrammar
{
    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<char> TokenChars = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Controls but HTAB, and DEL: what a field value must not hold (RFC 9110, section 5.5).</summary>
    private static readonly SearchValues<byte> IllegalInValue = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127]);

    /// <summary>
    /// What a target may hold: the visible ASCII characters but those that neither RFC 3986 nor any browser sends unescaped.
    /// Browsers do send <c>|^`{}[]\</c> raw, above all in queries, so these pass.
    /// </summary>
    private static readonly SearchValues<byte> TargetBytes = SearchValues.Create(
        "!$%&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    private static readonly SearchValues<byte> RegNameBytes = SearchValues.Create(
        "!$&'()*+,;=-._~%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> IPv6Bytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    public static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenChars);

    public static bool IsTokenByte(byte value) => TokenBytes.Contains(value);

    public static bool IsFieldValue(ReadOnlySpan<byte> text) => !text.ContainsAny(IllegalInValue);

    public static bool IsTargetText(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(TargetBytes);

    public static ReadOnlySpan<byte> TrimOws(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    /// <summary>Whether a Host value is <c>uri-host [ ":" port ]</c> with a host that is not empty (RFC 9110, section 7.2).</summary>
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
            if (!IsIPv6(host))
                return false;
        }
        else
        {
            var colon = text.IndexOf((byte)':');
            host = colon < 0 ? text : text[..colon];
            rest = colon < 0 ? default : text[colon..];
            if (host.IsEmpty || host.ContainsAnyExcept(RegNameBytes) || !HasWholeEscapes(host))
                return false;
        }

        return rest.IsEmpty || (rest[0] == ':' && IsPort(rest[1..]));
    }

    private static bool IsIPv6(ReadOnlySpan<byte> text)
    {
        // A zone has no place in a Host header: IPAddress would take one.
        Span<char> chars = stackalloc char[64];
        if (text.IsEmpty || text.Length > chars.Length || text.ContainsAnyExcept(IPv6Bytes))
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
}
