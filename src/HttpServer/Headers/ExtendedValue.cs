using System.Text;
using System.Text.Unicode;
using Http.Server.Protocol;

namespace Http.Server.Headers;

/// <summary>The value of a parameter whose name ends in an asterisk, <c>UTF-8'en'%E2%82%AC</c> (RFC 8187, section 3.2).</summary>
internal static class ExtendedValue
{
    /// <summary>Decodes a value in UTF-8 or ISO-8859-1; the language is passed over.</summary>
    /// <returns>Null if it breaks the grammar, has another character set, or NUL in it.</returns>
    public static string? Decode(ReadOnlySpan<char> value)
    {
        var charset = value.IndexOf('\'');
        var language = charset < 0 ? -1 : value[(charset + 1)..].IndexOf('\'');
        if (language < 0 || !Ascii.IsValid(value))
            return null;
        var encoded = new byte[value.Length - charset - language - 2];
        Encoding.ASCII.GetBytes(value[(charset + language + 2)..], encoded);
        var bytes = new byte[encoded.Length];
        if (!PercentEncoding.TryDecode(encoded, bytes, out var count) || bytes.AsSpan(0, count).Contains((byte)0))
            return null;
        if (value[..charset].Equals("ISO-8859-1", StringComparison.OrdinalIgnoreCase))
            return Encoding.Latin1.GetString(bytes, 0, count);
        return value[..charset].Equals("UTF-8", StringComparison.OrdinalIgnoreCase) && Utf8.IsValid(bytes.AsSpan(0, count))
            ? Encoding.UTF8.GetString(bytes, 0, count)
            : null;
    }
}
