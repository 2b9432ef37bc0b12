using System.Buffers;
using System.Globalization;
using System.Text;

namespace Http.Server.PowerShell.Logging;

/// <summary>
/// Keeps what a client sent from steering the terminal that a log is shown at, as the core's log files do: controls become
/// <c>\x1b</c>, what reorders text <c>\u202e</c>, bytes that are no UTF-8 <c>\xff</c>.
/// </summary>
internal static class SafeText
{
    /// <summary>Bytes of a request; a backslash becomes two, so that it never passes for an escape.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !bytes.Contains((byte)'\\'))
            return Encoding.ASCII.GetString(bytes);
        var text = new StringBuilder(bytes.Length + 16);
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out var taken);
            if (status != OperationStatus.Done)
            {
                foreach (var invalid in bytes[..taken])
                    Escape(text, invalid);
            }
            else if (rune.Value == '\\')
            {
                text.Append(@"\\");
            }
            else
            {
                Add(text, rune);
            }

            bytes = bytes[taken..];
        }

        return text.ToString();
    }

    /// <summary>A message, which may have several lines, and paths with backslashes.</summary>
    public static string Of(string message)
    {
        if (!message.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return message;
        var text = new StringBuilder(message.Length + 16);
        foreach (var rune in message.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t')
                text.Append((char)rune.Value);
            else
                Add(text, rune);
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, Rune rune)
    {
        if (Rune.IsControl(rune) || rune.Value is (>= 0x2028 and <= 0x202e) or (>= 0x2066 and <= 0x2069))
            Escape(text, rune.Value);
        else
            text.Append(rune.ToString());
    }

    private static void Escape(StringBuilder text, int value) =>
        text.Append(value < 0x100 ? @"\x" : @"\u")
            .Append(value.ToString(value < 0x100 ? "x2" : "x4", CultureInfo.InvariantCulture));
}
