using System.Text;
using System.Text.Unicode;

namespace Http.Server.Headers;

/// <summary>
/// A text as one encoded word of RFC 2047, <c>=?utf-8?B?...?=</c>. It has no place in quotes, but .NET puts names beyond ASCII
/// there in this form, and so does PowerShell's <c>Invoke-WebRequest -Form</c>.
/// </summary>
internal static class EncodedWord
{
    private const string Beginning = "=?utf-8?B?";
    private const string End = "?=";

    /// <summary>Decodes a text that is one encoded word from its beginning to its end, in UTF-8 and Base64.</summary>
    /// <returns>Null if it is none, or one with NUL in it.</returns>
    public static string? Decode(string text)
    {
        if (!text.StartsWith(Beginning, StringComparison.OrdinalIgnoreCase) || !text.EndsWith(End, StringComparison.Ordinal)
            || text.Length < Beginning.Length + End.Length)
            return null;
        var encoded = text.AsSpan()[Beginning.Length..^End.Length];
        var buffer = new byte[encoded.Length];
        if (!Convert.TryFromBase64Chars(encoded, buffer, out var count))
            return null;
        var bytes = buffer.AsSpan(0, count);
        return Utf8.IsValid(bytes) && !bytes.Contains((byte)0) ? Encoding.UTF8.GetString(bytes) : null;
    }
}
