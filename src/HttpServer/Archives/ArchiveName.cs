using System.Buffers;
using System.Globalization;
using System.Text;

namespace Http.Server.Archives;

/// <summary>
/// Names as they may stand in an archive. Programs that unpack on Windows take a backslash for a separator, so a file of Unix
/// named <c>..\x</c> would leave the directory that it is unpacked to; and a line feed can end a record of a tar archive's header
/// early. Both, and the other control characters of ASCII, are percent-encoded; so are bytes that are no UTF-8, which both
/// formats' names are.
/// </summary>
internal static class ArchiveName
{
    /// <summary>
    /// The name of what is archived from the root of the served directory, whose own name is no client's
    /// business.
    /// </summary>
    private const string OfRoot = "files";

    private static readonly SearchValues<char> Unsafe = SearchValues.Create([.. Enumerable.Range(0, ' ')
        .Select(static c => (char)c), '\\', '\x7f', .. Enumerable.Range(0xDC80, 0x80).Select(static c => (char)c)]);

    /// <summary>The name, or one without what is not safe.</summary>
    public static string Of(string name)
    {
        if (!name.AsSpan().ContainsAny(Unsafe))
            return name;
        var safe = new StringBuilder(name.Length + 8);
        for (var at = 0; at < name.Length; at++)
        {
            var character = name[at];
            if (char.IsHighSurrogate(character) && at + 1 < name.Length && char.IsLowSurrogate(name[at + 1]))
                safe.Append(character).Append(name[++at]);
            else if (char.IsLowSurrogate(character))
                safe.Append(CultureInfo.InvariantCulture, $"%{character & 0xFF:X2}");
            else if (Unsafe.Contains(character))
                safe.Append(CultureInfo.InvariantCulture, $"%{(int)character:X2}");
            else
                safe.Append(character);
        }

        return safe.ToString();
    }

    /// <summary>
    /// The name of the one directory that an archive has at its top, so that it unpacks into that and nowhere
    /// else.
    /// </summary>
    /// <param name="segments">The directory's canonical path. At the start of a path <c>C:</c> would be a drive.</param>
    public static string OfTop(IReadOnlyList<string> segments) =>
        segments.Count == 0 ? OfRoot : Of(segments[^1]).Replace(":", "%3A", StringComparison.Ordinal);
}
