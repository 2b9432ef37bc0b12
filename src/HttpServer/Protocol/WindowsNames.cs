using System.Buffers;

namespace Http.Server.Protocol;

/// <summary>
/// Names that Windows reads as something else than the plain name of one file: separators, drives and streams, wildcards,
/// devices, names it trims and short (8.3) aliases of other files.
/// </summary>
internal static class WindowsNames
{
    // An 8.3 name has up to eight characters before its dot.
    private const int MaxShortBaseName = 8;

    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(c => (char)c), .. "\\/:<>\"|*?"]);

    /// <summary>Whether a name, being neither <c>.</c> nor <c>..</c>, must not reach the file system.</summary>
    public static bool IsReserved(ReadOnlySpan<char> name)
    {
        if (name.ContainsAny(Forbidden) || name is [.., '.' or ' ']) return true;
        var dot = name.IndexOf('.');
        var baseName = dot < 0 ? name : name[..dot];
        return IsDevice(baseName.TrimEnd(' ')) || IsShortAlias(baseName);
    }

    /// <summary>A device is one with any extension, so it is given without. Superscript digits name ports as well.</summary>
    private static bool IsDevice(ReadOnlySpan<char> baseName)
    {
        if (baseName is [.. var port, (>= '1' and <= '9') or '\u00B9' or '\u00B2' or '\u00B3'])
            return IsOneOf(port, "COM", "LPT");
        return IsOneOf(baseName, "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$");
    }

    private static bool IsShortAlias(ReadOnlySpan<char> baseName)
    {
        var stem = baseName.TrimEnd("0123456789");
        return baseName.Length <= MaxShortBaseName && stem.Length < baseName.Length && stem is [.., '~'];
    }

    private static bool IsOneOf(ReadOnlySpan<char> text, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (text.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
