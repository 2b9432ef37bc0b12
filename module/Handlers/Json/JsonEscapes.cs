using System.Globalization;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>
/// The escapes of JSON strings (RFC 8259, 7). The half of a surrogate pair is text as any other here: the grammar has it, and
/// strings can hold it.
/// </summary>
internal static class JsonEscapes
{
    /// <summary>UTF-8 that takes no malformed bytes.</summary>
    public static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a string whose escapes are well-formed.</summary>
    /// <exception cref="DecoderFallbackException">It is not UTF-8.</exception>
    public static string Resolve(ReadOnlySpan<byte> escaped)
    {
        var text = new StringBuilder(escaped.Length);
        while (escaped.IndexOf((byte)'\\') is >= 0 and var at)
        {
            text.Append(Strict.GetString(escaped[..at]));
            var kind = escaped[at + 1];
            if (kind == 'u')
                text.Append((char)ushort.Parse(escaped.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier,
                    CultureInfo.InvariantCulture));
            else
                text.Append(Meant((char)kind));
            escaped = escaped[(at + (kind == 'u' ? 6 : 2))..];
        }

        return text.Append(Strict.GetString(escaped)).ToString();
    }

    private static char Meant(char letter) => letter switch
    {
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => letter,
    };
}
