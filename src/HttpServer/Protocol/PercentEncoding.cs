using System.Buffers;
using System.Text;

namespace Http.Server.Protocol;

/// <summary>Percent-encoding of URL paths (RFC 3986 section 2.1). A plus sign is itself, never a space.</summary>
internal static class PercentEncoding
{
    // pchar without three that may stand in a segment but give trouble there: '&' and the apostrophe inside HTML attributes, and
    // the colon, which turns the first segment of a relative reference into a scheme (RFC 3986 section 4.2).
    private const string Kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$()*+,;=@";

    private static readonly SearchValues<char> KeptChars = SearchValues.Create(Kept);

    private static readonly SearchValues<byte> KeptBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Kept));

    private static readonly SearchValues<char> QueryChars = SearchValues.Create(Kept + "&':/?%");

    private static readonly SearchValues<byte> QueryBytes = SearchValues.Create(Encoding.ASCII.GetBytes(Kept + "&':/?%"));

    /// <summary>
    /// Encodes what a URI does not allow in its query (RFC 3986 section 3.4) and clients send all the same; escapes stay what
    /// they are.
    /// </summary>
    /// <param name="query">The query as sent, one character a byte.</param>
    public static string EncodeQuery(string query) =>
        query.AsSpan().ContainsAnyExcept(QueryChars) ? Escape(Encoding.Latin1.GetBytes(query), QueryBytes) : query;

    /// <summary>Decodes once: what an escape stands for is not looked at again.</summary>
    /// <param name="text">The encoded bytes.</param>
    /// <param name="destination">Room for as many bytes as <paramref name="text"/> has.</param>
    /// <param name="written">Bytes decoded, 0 when false is returned.</param>
    /// <returns>False when a percent sign is not followed by two hexadecimal digits.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination, out int written)
    {
        written = 0;
        var room = destination;
        while (true)
        {
            var percent = text.IndexOf((byte)'%');
            var plain = percent < 0 ? text : text[..percent];
            plain.CopyTo(room);
            room = room[plain.Length..];
            if (percent < 0) break;

            text = text[percent..];
            if (text.Length < 3 || !char.IsAsciiHexDigit((char)text[1]) || !char.IsAsciiHexDigit((char)text[2])) return false;
            room[0] = (byte)(HexValue(text[1]) << 4 | HexValue(text[2]));
            room = room[1..];
            text = text[3..];
        }

        written = destination.Length - room.Length;
        return true;
    }

    /// <summary>
    /// Encodes one path segment as UTF-8 so that it may stand in a URL, in a relative reference and in an HTML attribute; the
    /// same instance comes back when nothing needs it. What <see cref="RawText"/> made of other bytes is encoded as these;
    /// another lone surrogate as U+FFFD.
    /// </summary>
    public static string EncodeSegment(string segment)
    {
        if (!segment.AsSpan().ContainsAnyExcept(KeptChars)) return segment;

        return Escape(RawText.Encode(segment), KeptBytes);
    }

    private static string Escape(byte[] bytes, SearchValues<byte> kept)
    {
        var text = new StringBuilder(bytes.Length + 16);
        foreach (var b in bytes)
        {
            if (kept.Contains(b)) text.Append((char)b);
            else text.Append('%').Append("0123456789ABCDEF"[b >> 4]).Append("0123456789ABCDEF"[b & 15]);
        }

        return text.ToString();
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
