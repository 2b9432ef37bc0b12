using System.Buffers.Binary;
using System.Net;

namespace Http.Server.Proxies;

/// <summary>
/// What a proxy says of a connection before its first byte: the PROXY protocol of HAProxy, version 1 (a line of text) and 2
/// (binary).
/// </summary>
/// <param name="Length">How many bytes the header takes.</param>
/// <param name="IsLocal">The proxy connects for itself, to see whether the server answers.</param>
/// <param name="Client">The client's address; null if the proxy does not tell, or there is none, as with Unix domain
/// sockets.</param>
/// <param name="Port">The client's port.</param>
internal readonly record struct ProxyHeader(int Length, bool IsLocal, IPAddress? Client, int Port)
{
    /// <summary>Longest header of version 1, its CRLF included (section 2.1).</summary>
    private const int MaxText = 107;

    /// <summary>
    /// Most bytes after the fixed part of version 2: addresses take up to 216, and what proxies add, names and certificates'
    /// subjects mostly, some hundreds. The protocol would permit 65,535.
    /// </summary>
    private const int MaxBinary = 4096;

    private const int FixedPart = 16;

    /// <summary>No header is longer.</summary>
    public const int MaxBytes = FixedPart + MaxBinary;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ReadOnlySpan<byte> Word => "PROXY "u8;

    /// <summary>Reads a header from all the bytes that have come so far. Of an incomplete one every byte belongs to it.</summary>
    public static ProxyHeaderStatus TryParse(ReadOnlySpan<byte> bytes, out ProxyHeader header)
    {
        header = default;
        if (bytes.Length < Word.Length ? Word.StartsWith(bytes) : bytes.StartsWith(Word))
            return ParseText(bytes, ref header);
        return bytes.Length < Signature.Length
            ? Signature.StartsWith(bytes) ? ProxyHeaderStatus.Incomplete : ProxyHeaderStatus.Malformed
            : bytes.StartsWith(Signature) ? ParseBinary(bytes, ref header) : ProxyHeaderStatus.Malformed;
    }

    private static ProxyHeaderStatus ParseText(ReadOnlySpan<byte> bytes, ref ProxyHeader header)
    {
        var end = bytes[..Math.Min(bytes.Length, MaxText)].IndexOf((byte)'\n');
        if (end < 0)
            return bytes.Length < MaxText ? ProxyHeaderStatus.Incomplete : ProxyHeaderStatus.Malformed;
        if (bytes[end - 1] != '\r')
            return ProxyHeaderStatus.Malformed;
        var line = bytes[Word.Length..(end - 1)];
        if (line.SequenceEqual("UNKNOWN"u8) || line.StartsWith("UNKNOWN "u8))
        {
            header = new(end + 1, IsLocal: false, null, 0);
            return ProxyHeaderStatus.Complete;
        }

        Span<Range> parts = stackalloc Range[6];
        if (line.Count((byte)' ') != 4)
            return ProxyHeaderStatus.Malformed;
        var count = 0;
        foreach (var part in line.Split((byte)' '))
            parts[count++] = part;
        var isFour = line[parts[0]].SequenceEqual("TCP4"u8);
        if ((!isFour && !line[parts[0]].SequenceEqual("TCP6"u8))
            || !TryParseAddress(isFour, line[parts[1]], out var client) || !TryParseAddress(isFour, line[parts[2]], out _)
            || !AddressText.TryParsePort(line[parts[3]], out var port) || !AddressText.TryParsePort(line[parts[4]], out _))
            return ProxyHeaderStatus.Malformed;
        header = new(end + 1, IsLocal: false, client, port);
        return ProxyHeaderStatus.Complete;
    }

    private static bool TryParseAddress(bool isFour, ReadOnlySpan<byte> text, out IPAddress? address) =>
        isFour ? AddressText.TryParseIPv4(text, out address) : AddressText.TryParseIPv6(text, out address);

    private static ProxyHeaderStatus ParseBinary(ReadOnlySpan<byte> bytes, ref ProxyHeader header)
    {
        // Version and command, then family and transport, then the length of all that follows (section 2.2).
        if (bytes.Length > 12 && bytes[12] is not (0x20 or 0x21))
            return ProxyHeaderStatus.Malformed;
        var isLocal = bytes.Length > 12 && bytes[12] == 0x20;
        // The rest of a LOCAL header is skipped and not read. Datagrams do not come through a stream.
        if (bytes.Length > 13 && !isLocal && bytes[13] is not (0x00 or 0x11 or 0x21 or 0x31))
            return ProxyHeaderStatus.Malformed;
        if (bytes.Length < FixedPart)
            return ProxyHeaderStatus.Incomplete;
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        var family = isLocal ? 0 : bytes[13] >> 4;
        if (length > MaxBinary || length < family switch { 1 => 12, 2 => 36, 3 => 216, _ => 0 })
            return ProxyHeaderStatus.Malformed;
        if (bytes.Length < FixedPart + length)
            return ProxyHeaderStatus.Incomplete;

        var addresses = bytes.Slice(FixedPart, length);
        header = family switch
        {
            1 => new(FixedPart + length, false, new IPAddress(addresses[..4]),
                BinaryPrimitives.ReadUInt16BigEndian(addresses[8..])),
            2 => new(FixedPart + length, false, Plain(new IPAddress(addresses[..16])),
            BinaryPrimitives.ReadUInt16BigEndian(addresses[32..])),
            _ => new(FixedPart + length, isLocal, null, 0),
        };
        return ProxyHeaderStatus.Complete;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
