using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Http.Server.Protocol;

/// <summary>
/// Bytes of no certain encoding as text that gives the same bytes back: what is valid UTF-8 is read as such, and each other byte
/// becomes a lone surrogate from U+DC80 to U+DCFF, which no valid text has (Python's <c>surrogateescape</c>).
/// </summary>
internal static class RawText
{
    private const int Escape = 0xDC00;

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(bytes, out var rune, out var taken) == OperationStatus.Done;
            if (isValid)
                text.Append(rune);
            for (var at = 0; !isValid && at < taken; at++)
                text.Append((char)(Escape + bytes[at]));
            bytes = bytes[taken..];
        }

        return text.ToString();
    }

    /// <summary>
    /// The text of bytes that are given as one character a byte, as handlers have a request's target and
    /// headers.
    /// </summary>
    public static string OfLatin1(string bytes) => Ascii.IsValid(bytes) ? bytes : Decode(Encoding.Latin1.GetBytes(bytes));

    /// <summary>The bytes that <see cref="Decode"/> read; any other lone surrogate becomes U+FFFD.</summary>
    public static byte[] Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange((char)(Escape + 0x80), (char)(Escape + 0xFF)))
            return Encoding.UTF8.GetBytes(text);
        var bytes = new ArrayBufferWriter<byte>(text.Length * 3);
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var status = Rune.DecodeFromUtf16(rest, out var rune, out var taken);
            if (status != OperationStatus.Done && rest[0] is >= (char)(Escape + 0x80) and <= (char)(Escape + 0xFF))
                bytes.Write([(byte)(rest[0] - Escape)]);
            else
                bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));
            rest = rest[taken..];
        }

        return bytes.WrittenSpan.ToArray();
    }
}
