using System.Text;

namespace Http.Server.Headers;

/// <summary>Text beyond Latin-1 in headers that define how it is written.</summary>
internal static class HeaderEncoding
{
    /// <summary>
    /// Encodes a value: an address is percent-encoded (RFC 3986), the file name of a Content-Disposition is there twice, as ASCII
    /// and by RFC 8187. A value of Latin-1, and one of another header, stays what it is.
    /// </summary>
    /// <param name="name">The header's name.</param>
    /// <param name="value">Its value.</param>
    public static string Encode(string name, string value)
    {
        if (Ascii.IsValid(value) || !value.AsSpan().ContainsAnyInRange('\u0100', '\uffff'))
            return value;
        if (name.Equals("Location", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Content-Location", StringComparison.OrdinalIgnoreCase))
            return EncodeAddress(value);
        return name.Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase) ? EncodeDisposition(value) ?? value : value;
    }

    private static string EncodeAddress(string value) => string.Concat(value.EnumerateRunes().Select(static rune =>
        rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));

    /// <returns>Null if the value is malformed, or another parameter than a file name has such text.</returns>
    private static string? EncodeDisposition(string value)
    {
        var end = value.IndexOf(';', StringComparison.Ordinal);
        if (end < 0)
            return null;
        var encoded = new StringBuilder(value[..end].TrimEnd());
        string? extended = null;
        var parameters = new HeaderParameters(value.AsSpan(end));
        while (parameters.MoveNext())
        {
            var text = parameters.ToText();
            if (parameters.Is("filename*"))
            {
                // UTF-8''Name, with the name not encoded yet.
                extended = Ascii.IsValid(text) ? text : "UTF-8''" + Uri.EscapeDataString(text[(text.LastIndexOf('\'') + 1)..]);
                continue;
            }

            if (!parameters.Is("filename"))
            {
                if (!Ascii.IsValid(text))
                    return null;
                encoded.Append("; ").Append(parameters.Name).Append("=\"").Append(Quote(text)).Append('"');
                continue;
            }

            var isAscii = Ascii.IsValid(text);
            var plain = string.Concat(text.EnumerateRunes().Select(static rune => rune.IsAscii ? rune.ToString() : "_"));
            encoded.Append("; filename=\"").Append(Quote(plain)).Append('"');
            if (!isAscii)
                extended ??= "UTF-8''" + Uri.EscapeDataString(text);
        }

        if (parameters.IsMalformed)
            return null;
        return extended is null ? encoded.ToString() : encoded.Append("; filename*=").Append(extended).ToString();
    }

    private static string Quote(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
