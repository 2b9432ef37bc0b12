namespace Http.Server.Protocol;

/// <summary>The line that begins a chunk, and trailer lines (RFC 9112, section 7.1); strict, without I/O.</summary>
internal static class ChunkParser
{
    /// <summary>
    /// Longest chunk line in bytes, extensions included. Python's http.client has 64 KiB, Go 4 KiB; no known client uses
    /// extensions.
    /// </summary>
    public const int MaxLine = 4096;

    /// <summary>Finds the next line that ends in CRLF.</summary>
    /// <param name="bytes">What has come so far.</param>
    /// <param name="length">Length of the line without CRLF; -1 if the line is not whole yet.</param>
    /// <returns>False if an LF without CR ends it, or a CR stands alone.</returns>
    public static bool TryFindLine(ReadOnlySpan<byte> bytes, out int length)
    {
        var at = bytes.IndexOfAny((byte)'\r', (byte)'\n');
        length = -1;
        if (at < 0 || (bytes[at] == '\r' && at + 1 == bytes.Length))
            return true;
        if (bytes[at] == '\n' || bytes[at + 1] != '\n')
            return false;
        length = at;
        return true;
    }

    /// <summary>Reads <c>chunk-size [ chunk-ext ]</c>.</summary>
    /// <returns>Null, or what is wrong with the line.</returns>
    public static RequestFault? ParseSize(ReadOnlySpan<byte> line, out long size)
    {
        size = 0;
        var digits = 0;
        while (digits < line.Length && char.IsAsciiHexDigit((char)line[digits]))
        {
            if (size > long.MaxValue >> 4)
                return RequestFault.ChunkSize;
            size = (size << 4) | (long)(uint)HexValue(line[digits]);
            digits++;
        }

        if (digits == 0)
            return RequestFault.ChunkSize;
        var rest = line[digits..];
        if (rest.IsEmpty)
            return null;
        return rest[0] is (byte)';' or (byte)' ' or (byte)'\t'
            ? IsExtensions(rest) ? null : RequestFault.ChunkExtension
            : RequestFault.ChunkSize;
    }

    /// <summary>Whether a line is a field line; trailers are held to the grammar of headers.</summary>
    public static bool IsTrailer(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        return colon > 0 && HttpGrammar.IsToken(line[..colon]) && HttpGrammar.IsFieldValue(line[(colon + 1)..]);
    }

    /// <summary><c>*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )</c></summary>
    private static bool IsExtensions(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            text = text.TrimStart(" \t"u8);
            if (text.IsEmpty || text[0] != ';')
                return false;
            text = text[1..].TrimStart(" \t"u8);
            if (!TakeToken(ref text))
                return false;
            var afterName = text.TrimStart(" \t"u8);
            if (afterName.IsEmpty || afterName[0] != '=')
                continue;
            text = afterName[1..].TrimStart(" \t"u8);
            if (!TakeToken(ref text) && !TakeQuoted(ref text))
                return false;
        }

        return true;
    }

    private static bool TakeToken(ref ReadOnlySpan<byte> text)
    {
        var length = 0;
        while (length < text.Length && HttpGrammar.IsTokenByte(text[length]))
            length++;
        text = text[length..];
        return length > 0;
    }

    private static bool TakeQuoted(ref ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != '"')
            return false;
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                text = text[(at + 1)..];
                return true;
            }

            if (text[at] == '\\')
                at++;
            if (at >= text.Length || !HttpGrammar.IsFieldValue(text.Slice(at, 1)))
                return false;
        }

        return false;
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
