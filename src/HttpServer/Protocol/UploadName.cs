using System.Buffers;
using System.Text;

namespace Http.Server.Protocol;

/// <summary>
/// Names of files that clients send. They are stricter than those of files that lie there already: what one system cannot hold,
/// or shows as something else, is refused on all.
/// </summary>
internal static class UploadName
{
    /// <summary>
    /// How the name of a file begins that has not arrived whole. Nothing of such a name is ever served, listed or written by a
    /// client; what a server leaves behind that was killed is told by it.
    /// </summary>
    public const string TemporaryPrefix = ".httpserver-upload-";

    private const string TemporaryEnd = ".tmp";

    /// <summary>Hexadecimal digits of a temporary name.</summary>
    private const int TemporaryDigits = 32;

    private static readonly SearchValues<char> LowerDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>The longest name of the usual file systems: bytes on Unix, UTF-16 units on Windows.</summary>
    private const int MaxLength = 255;

    public static bool IsTemporary(ReadOnlySpan<char> name) =>
        name.StartsWith(TemporaryPrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>A name for a file on its way, which cannot be guessed: the system's random numbers, 122 bits of them.</summary>
    public static string MakeTemporary() => $"{TemporaryPrefix}{Guid.NewGuid():N}{TemporaryEnd}";

    /// <summary>Whether <see cref="MakeTemporary"/> has made a name; what is merely like one may be a user's.</summary>
    public static bool IsMade(ReadOnlySpan<char> name) =>
        name.Length == TemporaryPrefix.Length + TemporaryDigits + TemporaryEnd.Length
        && name.StartsWith(TemporaryPrefix, StringComparison.Ordinal) && name.EndsWith(TemporaryEnd, StringComparison.Ordinal)
        && !name.Slice(TemporaryPrefix.Length, TemporaryDigits).ContainsAnyExcept(LowerDigits);

    /// <summary>Says what is wrong with a name; null if it may be written.</summary>
    /// <param name="name">The bare name of a file.</param>
    /// <param name="windowsRules">Refuse what Windows reads otherwise as well.</param>
    public static string? FindFault(string name, bool windowsRules)
    {
        if (name.Length == 0)
            return "The file has no name";
        if (name is "." or "..")
            return "The name of the file is that of a directory";
        // A lone surrogate has no UTF-8: it would be written as another name.
        if (name.AsSpan().ContainsAny('/', '\0') || name.Any(char.IsControl) || !IsWhole(name))
            return "The name of the file has a character that no name may have";
        if (name[^1] is '.' or ' ')
            return "The name of the file ends in a dot or a space";
        if ((windowsRules ? name.Length : Encoding.UTF8.GetByteCount(name)) > MaxLength)
            return "The name of the file is longer than 255 bytes";
        if (IsTemporary(name) || (windowsRules && WindowsNames.IsReserved(name)))
            return "The name of the file is reserved";
        return null;
    }

    private static bool IsWhole(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsSurrogate(text[at]) && !char.IsSurrogatePair(text, at++))
                return false;
        }

        return true;
    }
}
