using System.Text;

namespace Http.Server.Multipart;

/// <summary>Tells the delimiters of a multipart body from its content (RFC 2046, section 5.1.1), however it is cut.</summary>
internal static class MultipartDelimiter
{
    /// <summary>
    /// Most white space behind a boundary, in bytes; a line with more is content. Until it ends it must be
    /// held.
    /// </summary>
    public const int MaxPadding = 1024;

    /// <summary>What every delimiter of a body begins with. The CRLF before a boundary is not the content's.</summary>
    public static byte[] Of(string boundary) => Encoding.ASCII.GetBytes("\r\n--" + boundary);

    /// <summary>Finds the content up to the next delimiter.</summary>
    /// <param name="bytes">What has come and has not been looked at yet.</param>
    /// <param name="delimiter">As made by <see cref="Of"/>.</param>
    /// <param name="isEnd">No more bytes will come.</param>
    /// <param name="content">How many bytes are content for certain.</param>
    /// <param name="length">Length in bytes of the delimiter that follows them, with its line end; 0 if none does.</param>
    /// <returns>The delimiter that follows; None if more bytes are needed to tell.</returns>
    /// <remarks>
    /// A boundary with anything but white space behind it is content: it may be the longer boundary of a multipart body in a
    /// part.
    /// </remarks>
    public static DelimiterKind Find(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> delimiter, bool isEnd, out int content, out int length)
    {
        length = 0;
        for (content = 0; ; content += delimiter.Length)
        {
            var rest = bytes[content..];
            var at = rest.IndexOf(delimiter);
            if (at < 0)
            {
                content = bytes.Length - LengthOfBeginning(rest, delimiter);
                return DelimiterKind.None;
            }

            content += at;
            var kind = Classify(rest[(at + delimiter.Length)..], isEnd, out var behind);
            if (kind is null)
                return DelimiterKind.None;
            if (kind == DelimiterKind.None)
                continue;
            length = delimiter.Length + behind;
            return kind.Value;
        }
    }

    /// <summary>How many bytes at the end may begin a delimiter. It has one CR, its first byte, so the last CR decides.</summary>
    private static int LengthOfBeginning(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> delimiter)
    {
        var end = bytes[Math.Max(0, bytes.Length - delimiter.Length + 1)..];
        end = end[Math.Max(0, end.LastIndexOf((byte)'\r'))..];
        return delimiter.StartsWith(end) ? end.Length : 0;
    }

    /// <summary>What the bytes behind a boundary make of it: <c>[ "--" ] *LWSP CRLF</c>.</summary>
    /// <returns>Null if more bytes are needed to tell.</returns>
    private static DelimiterKind? Classify(ReadOnlySpan<byte> bytes, bool isEnd, out int length)
    {
        DelimiterKind? undecided = isEnd ? DelimiterKind.None : null;
        length = 0;
        if (bytes is [] or [(byte)'-'])
            return undecided;
        var isClose = bytes.StartsWith("--"u8);
        var dashes = isClose ? 2 : 0;
        var padding = bytes[dashes..].IndexOfAnyExcept((byte)' ', (byte)'\t');
        var end = padding < 0 ? default : bytes[(dashes + padding)..];
        if ((padding < 0 ? bytes.Length - dashes : padding) > MaxPadding)
            return DelimiterKind.None;
        // The last line of a body needs no CRLF.
        if (end.IsEmpty)
            return isClose && isEnd ? DelimiterKind.Close : undecided;
        if (end is [(byte)'\r'])
            return undecided;
        if (!end.StartsWith("\r\n"u8))
            return DelimiterKind.None;
        length = dashes + padding + 2;
        return isClose ? DelimiterKind.Close : DelimiterKind.Part;
    }
}
