using System.Globalization;
using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Headers;

/// <summary>
/// What the Content-Disposition of a part says (RFC 7578, section 4.2), as clients really write it; and the one of
/// downloads.
/// </summary>
/// <param name="Name">The field's name; null if there is none.</param>
/// <param name="FileName">The file's name without any path; null if there is none.</param>
internal readonly record struct ContentDisposition(string? Name, string? FileName)
{
    /// <summary>Reads a header value; of one that breaks the grammar nothing is taken.</summary>
    /// <remarks>
    /// Browsers write a quote as <c>%22</c> and leave backslashes alone; curl before 7.81 and Go put a backslash before both. So
    /// a backslash before one of these is taken for an escape, unless the whole makes no sense then: a browser's name may end in
    /// one.
    /// </remarks>
    public static ContentDisposition Parse(string? value) =>
        value is null ? default : Parse(value, hasEscapes: true) ?? Parse(value, hasEscapes: false) ?? default;

    /// <summary>
    /// The value that has a client save an answer under a name (RFC 6266). What no file system takes, and what would show a
    /// name's end at another place, becomes an underscore; a name that is not ASCII is there twice, for clients old and new.
    /// </summary>
    public static string Attachment(string fileName)
    {
        var (name, plain) = (new StringBuilder(fileName.Length), new StringBuilder(fileName.Length));
        foreach (var rune in fileName.EnumerateRunes())
        {
            var isSafe = Rune.GetUnicodeCategory(rune) is not (
                UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator)
                    && !(rune.IsAscii && "\"*/:<>?\\|".Contains((char)rune.Value, StringComparison.Ordinal));
            name.Append(isSafe ? rune.ToString() : "_");
            // Some clients decode escapes here too.
            plain.Append(isSafe && rune.IsAscii && rune.Value != '%' ? (char)rune.Value : '_');
        }

        var (full, ascii) = (name.ToString(), plain.ToString());
        return $"attachment; filename=\"{ascii}\"" + (full == ascii ? "" : $"; filename*=UTF-8''{Uri.EscapeDataString(full)}");
    }

    private static ContentDisposition? Parse(ReadOnlySpan<char> value, bool hasEscapes)
    {
        var end = value.IndexOf(';');
        if (end < 0)
            end = value.Length;
        if (!HttpGrammar.IsToken(value[..end].Trim(" \t")))
            return null;
        string? name = null, fileName = null, extended = null;
        var parameters = new HeaderParameters(value[end..], hasEscapes);
        while (parameters.MoveNext())
        {
            // Of two parameters it is not known which one is meant.
            if (parameters.Is("name") && name is not null || parameters.Is("filename") && fileName is not null)
                return null;
            if (parameters.Is("name"))
                name = ToText(parameters);
            else if (parameters.Is("filename"))
                fileName = ToText(parameters);
            else if (parameters.Is("filename*") && !parameters.IsQuoted)
                extended ??= ExtendedValue.Decode(parameters.ToText());
        }

        return parameters.IsMalformed ? null : new(name, WithoutPath(extended ?? fileName));
    }

    private static string ToText(HeaderParameters parameters)
    {
        var text = parameters.ToText();
        return parameters.IsQuoted ? EncodedWord.Decode(text) ?? Unescape(text) : text;
    }

    /// <summary>Undoes the three escapes of browsers (HTML Standard, "multipart/form-data encoding algorithm").</summary>
    private static string Unescape(string text) => text
        .Replace("%22", "\"", StringComparison.Ordinal)
        .Replace("%0D", "\r", StringComparison.Ordinal)
        .Replace("%0A", "\n", StringComparison.Ordinal);

    private static string? WithoutPath(string? name) => name?[(name.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
}
