using System.Buffers;
using System.Globalization;
using System.Text;

namespace Http.Server.Logging;

/// <summary>
/// Keeps what a client sent from forging log lines or steering a terminal, in the notation of Python's <c>log_message</c>:
/// C0, DEL and C1 become <c>\x1b</c>, a backslash <c>\\</c>. Beyond Python, bytes that are no UTF-8 become <c>\xff</c>, and line
/// separators and the controls that reorder text become <c>\u202e</c>. Everything else stays.
/// </summary>
internal static class LogText
{
    /// <summary>Bytes that <see cref="Escape(ReadOnlySpan{byte}, Span{byte})"/> can make of one byte.</summary>
    public const int MaxExpansion = 4;

    private const int MaxEscapeLength = 6;

    private static readonly SearchValues<byte> PlainBytes = SearchValues.Create(
        [.. Enumerable.Range(' ', '\x7F' - ' ').Where(c => c != '\\').Select(c => (byte)c)]);

    private static readonly SearchValues<char> PlainChars = SearchValues.Create(
        [.. Enumerable.Range(' ', '\x7F' - ' ').Where(c => c != '\\').Select(c => (char)c)]);

    /// <summary>Writes UTF-8 <paramref name="text"/> escaped and returns the bytes written.</summary>
    /// <param name="text">What was received, valid UTF-8 or not.</param>
    /// <param name="destination"><see cref="MaxExpansion"/> times the length of <paramref name="text"/> is always enough.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static int Escape(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        var room = destination;
        while (true)
        {
            var run = text.IndexOfAnyExcept(PlainBytes);
            Move(text[..(run < 0 ? text.Length : run)], ref room);
            if (run < 0) return destination.Length - room.Length;

            text = text[run..];
            var status = Rune.DecodeFromUtf8(text, out var rune, out var taken);
            if (status != OperationStatus.Done)
            {
                foreach (var invalid in text[..taken]) MoveEscape(invalid, ref room);
            }
            else if (IsEscaped(rune.Value))
            {
                MoveEscape(rune.Value, ref room);
            }
            else
            {
                Move(text[..taken], ref room);
            }

            text = text[taken..];
        }
    }

    /// <summary>
    /// Returns <paramref name="text"/> escaped, or the same instance when there is nothing to escape. A byte that is no UTF-8, as
    /// <see cref="Protocol.RawText"/> has it, becomes <c>\xff</c> here too, and another lone surrogate <c>\ud800</c>.
    /// </summary>
    public static string Escape(string text)
    {
        var at = IndexOfEscaped(text);
        if (at < 0) return text;

        Span<byte> escape = stackalloc byte[MaxEscapeLength];
        var to = new StringBuilder(text.Length + 16);
        ReadOnlySpan<char> rest = text;
        for (; at >= 0; at = IndexOfEscaped(rest))
        {
            to.Append(rest[..at]);
            foreach (var b in escape[..FormatEscape(rest[at], escape)]) to.Append((char)b);
            rest = rest[(at + 1)..];
        }

        return to.Append(rest).ToString();
    }

    private static int IndexOfEscaped(ReadOnlySpan<char> text)
    {
        for (var at = 0; ;)
        {
            var run = text[at..].IndexOfAnyExcept(PlainChars);
            if (run < 0) return -1;
            at += run;
            var status = Rune.DecodeFromUtf16(text[at..], out var rune, out var taken);
            if (status != OperationStatus.Done || IsEscaped(rune.Value)) return at;
            at += taken;
        }
    }

    /// <summary>C0, DEL and C1; line and paragraph separator and U+202A to U+202E; U+2066 to U+2069; backslash.</summary>
    private static bool IsEscaped(int c) =>
        c is < 0x20 or (>= 0x7F and <= 0x9F) or '\\' or (>= 0x2028 and <= 0x202E) or (>= 0x2066 and <= 0x2069);

    private static int FormatEscape(int c, Span<byte> to)
    {
        to[0] = (byte)'\\';
        if (c == '\\')
        {
            to[1] = (byte)'\\';
            return 2;
        }

        if (c is >= 0xDC80 and <= 0xDCFF)
            c &= 0xFF;
        to[1] = c < 0x100 ? (byte)'x' : (byte)'u';
        c.TryFormat(to[2..], out var digits, c < 0x100 ? "x2" : "x4", CultureInfo.InvariantCulture);
        return 2 + digits;
    }

    private static void MoveEscape(int c, ref Span<byte> room)
    {
        Span<byte> escape = stackalloc byte[MaxEscapeLength];
        Move(escape[..FormatEscape(c, escape)], ref room);
    }

    private static void Move(scoped ReadOnlySpan<byte> bytes, ref Span<byte> room)
    {
        bytes.CopyTo(room);
        room = room[bytes.Length..];
    }
}
