using System.Diagnostics.CodeAnalysis;
using Http.Server.MediaTypes;

namespace Http.Server;

/// <summary>
/// Media types of files by their names, from a built-in table: neither the registry nor the files of the machine are asked.
/// </summary>
public static class MimeTypes
{
    /// <summary>The type of everything unknown (RFC 9110, section 8.3: a recipient may look at the bytes instead).</summary>
    public const string Default = "application/octet-stream";

    private static readonly string?[] ContentTypes = new string?[MimeTable.Count];

    /// <summary>
    /// The <c>Content-Type</c> of a file, with <c>charset=utf-8</c> where <see cref="WithCharset"/> puts one;
    /// <see cref="Default"/> if the extension is unknown.
    /// </summary>
    /// <remarks>
    /// Only the name after the last separator counts (<c>/</c>, on Windows <c>\</c> too), and of it what follows the last dot, in
    /// any case. Leading dots start a name, not an extension, as in Python's <c>os.path.splitext</c>: <c>.bashrc</c> is unknown.
    /// A compressed file has the type of its bytes, with no Content-Encoding to go with it: <c>a.tar.gz</c> is application/gzip.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="path"/> is null.</exception>
    public static string GuessType(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        int index = MimeTable.IndexOf(ExtensionOf(path));
        return index < 0 ? Default : ContentTypes[index] ?? Remember(index);
    }

    /// <summary>The media type of an extension, given with or without its dot, in any case. It has no parameters.</summary>
    /// <returns>False if the extension is unknown.</returns>
    public static bool TryGetType(ReadOnlySpan<char> extension, [MaybeNullWhen(false)] out string mediaType)
    {
        int index = MimeTable.IndexOf(extension is ['.', .. var rest] ? rest : extension);
        mediaType = index < 0 ? null : MimeTable.MediaTypeAt(index);
        return index >= 0;
    }

    /// <summary>
    /// Adds <c>; charset=utf-8</c> to text types and to JavaScript. Others stay as they are: JSON has no such parameter
    /// (RFC 8259, section 11), and XML and SVG name their encoding themselves. So does a type that already has a parameter.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="mediaType"/> is null.</exception>
    public static string WithCharset(string mediaType)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        bool isText = mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            || mediaType.Equals("application/javascript", StringComparison.OrdinalIgnoreCase);
        return isText && !mediaType.Contains(';') ? mediaType + "; charset=utf-8" : mediaType;
    }

    private static string Remember(int index)
    {
        string contentType = WithCharset(MimeTable.MediaTypeAt(index));
        return Interlocked.CompareExchange(ref ContentTypes[index], contentType, null) ?? contentType;
    }

    // Without the dot; empty if there is none.
    private static ReadOnlySpan<char> ExtensionOf(ReadOnlySpan<char> path)
    {
        int separator = OperatingSystem.IsWindows() ? path.LastIndexOfAny('/', '\\') : path.LastIndexOf('/');
        var name = path[(separator + 1)..].TrimStart('.');
        int dot = name.LastIndexOf('.');
        return dot < 0 ? [] : name[(dot + 1)..];
    }
}
