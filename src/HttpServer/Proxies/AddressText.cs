using System.Net;
using System.Net.Sockets;
using Http.Server.Protocol;

namespace Http.Server.Proxies;

/// <summary>
/// IP addresses as headers and people write them, and nothing else that <see cref="IPAddress"/> takes for one: no <c>1</c>, no
/// <c>010.0.0.1</c>, no zone. An IPv4 address that is written as an IPv6 one is given as what it is.
/// </summary>
internal static class AddressText
{
    public static bool TryParse(ReadOnlySpan<byte> text, out IPAddress? address) =>
        TryParseIPv4(text, out address) || TryParseIPv6(text, out address);

    /// <summary>Four decimal numbers without leading zeros (RFC 3986, section 3.2.2).</summary>
    public static bool TryParseIPv4(ReadOnlySpan<byte> text, out IPAddress? address)
    {
        address = null;
        Span<byte> parts = stackalloc byte[4];
        for (var at = 0; at < parts.Length; at++)
        {
            var end = at < 3 ? text.IndexOf((byte)'.') : text.Length;
            if (end is < 1 or > 3 || !TryParseByte(text[..end], out parts[at]))
                return false;
            text = text[Math.Min(end + 1, text.Length)..];
        }

        address = new IPAddress(parts);
        return true;
    }

    public static bool TryParseIPv6(ReadOnlySpan<byte> text, out IPAddress? address)
    {
        address = null;
        if (!HttpGrammar.IsIPv6(text) || !IPAddress.TryParse(text, out var found)
            || found.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        address = found.IsIPv4MappedToIPv6 ? found.MapToIPv4() : found;
        return true;
    }

    /// <summary>A decimal number up to 65535 without leading zeros.</summary>
    public static bool TryParsePort(ReadOnlySpan<byte> text, out int port)
    {
        port = 0;
        if (text.Length is < 1 or > 5 || (text.Length > 1 && text[0] == '0'))
            return false;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            port = (port * 10) + (digit - '0');
        }

        return port <= IPEndPoint.MaxPort;
    }

    private static bool TryParseByte(ReadOnlySpan<byte> text, out byte value)
    {
        var isNumber = TryParsePort(text, out var number) && number <= byte.MaxValue;
        value = isNumber ? (byte)number : (byte)0;
        return isNumber;
    }
}
