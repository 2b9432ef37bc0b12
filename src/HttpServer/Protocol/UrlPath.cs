using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Http.Server.Protocol;

/// <summary>
/// The one canonical form of a request's path: made once, and what routing, authentication, the CGI test, file mapping,
/// redirects and the log all go by, so that no two of them can read the same target differently. It is split at its slashes
/// first, dot segments are resolved, and percent-escapes decoded exactly once.
/// </summary>
/// <remarks>
/// An encoded slash is a character for routes and programs, and a separator for files, whose names have none. It never makes a
/// dot segment: <c>..%2f</c> is refused for all.
/// </remarks>
internal sealed class UrlPath
{
    // Longest path that is decoded on the stack; longer ones are rare.
    private const int MaxStackLength = 256;

    // A slash, and what RawText makes of bytes that are no UTF-8: files, routes and programs see these each in its own way.
    private static readonly SearchValues<char> Special =
        SearchValues.Create(['/', .. Enumerable.Range(0xDC80, 0x80).Select(static c => (char)c)]);

    private readonly string[] _segments;
    private readonly StringComparison _comparison;

    private UrlPath(string[] segments, bool hasTrailingSlash, string query, StringComparison comparison)
    {
        _segments = segments;
        _comparison = comparison;
        RouteSegments = segments;
        NameCount = segments.Length;
        HasTrailingSlash = hasTrailingSlash;
        Query = query;
        HasHiddenSegment = Array.Exists(segments, static segment => segment is ['.', ..]);
    }

    /// <summary>
    /// The decoded segments from the root down, split at encoded slashes too; none for the root itself. They are names of files
    /// unless <see cref="FileFault"/> says otherwise: never empty, <c>.</c> or <c>..</c>. Bytes that are no UTF-8 are as in
    /// <see cref="RawText"/>.
    /// </summary>
    public IReadOnlyList<string> Segments => _segments;

    /// <summary>
    /// The decoded segments for routes: an encoded slash is a part of its segment, and what is no UTF-8 is U+FFFD. None is empty,
    /// <c>.</c> or <c>..</c>, nor would be if its slashes were separators.
    /// </summary>
    public IReadOnlyList<string> RouteSegments { get; private init; }

    /// <summary>Why no file can have this path, though a route or a program can.</summary>
    public UrlPathFault FileFault { get; private init; }

    /// <summary>How many of <see cref="Segments"/>, from the root down, can be names of files.</summary>
    public int NameCount { get; private init; }

    /// <summary>Whether a segment is not UTF-8.</summary>
    public bool HasRawBytes { get; private init; }

    /// <summary>Whether a slash was percent-encoded.</summary>
    public bool HasEncodedSlash { get; private init; }

    /// <summary>The path decoded, such as <c>/a b/c</c>: for people and logs, not to be parsed again.</summary>
    public string Decoded => field ??= Join(_segments);

    /// <summary>
    /// The path percent-encoded, fit for a <c>Location</c>: it never starts with two slashes and never holds a backslash.
    /// </summary>
    public string Encoded => field ??= Join(Array.ConvertAll(_segments, PercentEncoding.EncodeSegment));

    /// <summary>
    /// Whether the target named a directory: its last segment was empty, <c>.</c> or <c>..</c>. True for the root.
    /// </summary>
    public bool HasTrailingSlash { get; }

    /// <summary>What followed the first question mark, undecoded, one character a byte; empty when there was none.</summary>
    public string Query { get; }

    /// <summary>Whether a segment starts with a dot, as names do that Unix tools hide.</summary>
    public bool HasHiddenSegment { get; }

    /// <summary>Reads an origin-form request target (RFC 9112 section 3.2.1) without looking at any disk.</summary>
    /// <param name="target">An absolute path, percent-encoded or raw, and a query if any.</param>
    /// <param name="windowsRules">Refuse names that Windows reads otherwise, a backslash among them, and compare without regard
    /// to case as its file systems do. Without it a backslash is an ordinary character.</param>
    /// <param name="path">The path; null when the target is refused.</param>
    /// <returns>
    /// Why the target has no canonical path, the first fault from the left; or <see cref="UrlPathFault.None"/>, and then
    /// <see cref="FileFault"/> tells whether a file can have it.
    /// </returns>
    public static UrlPathFault TryParse(ReadOnlySpan<byte> target, bool windowsRules, out UrlPath? path)
    {
        path = null;
        if (target is not [(byte)'/', ..]) return UrlPathFault.NotAbsolute;

        var mark = target.IndexOf((byte)'?');
        var rawPath = mark < 0 ? target : target[..mark];
        byte[]? rented = null;
        var buffer = rawPath.Length <= MaxStackLength
            ? stackalloc byte[MaxStackLength]
            : (rented = ArrayPool<byte>.Shared.Rent(rawPath.Length));
        var fault = TryReadSegments(rawPath[1..], windowsRules, buffer, out var segments, out var hasTrailingSlash,
            out var fileFault);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        if (fault != UrlPathFault.None) return fault;

        var query = mark < 0 ? "" : Encoding.Latin1.GetString(target[(mark + 1)..]);
        // macOS' usual file system knows no case either: there, /CGI-BIN is the same directory.
        var comparison = windowsRules
            || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        if (fileFault == UrlPathFault.None && !Array.Exists(segments, static segment => segment.AsSpan().ContainsAny(Special)))
        {
            path = new UrlPath(segments, hasTrailingSlash, query, comparison);
            return UrlPathFault.None;
        }

        string[] names = [.. segments.SelectMany(static segment => segment.Split('/'))];
        var firstBad = Array.FindIndex(names, name => FindFaultOfName(name, windowsRules) != UrlPathFault.None);
        path = new UrlPath(names, hasTrailingSlash, query, comparison)
        {
            RouteSegments = Array.ConvertAll(segments, static segment => Encoding.UTF8.GetString(RawText.Encode(segment))),
            FileFault = fileFault,
            NameCount = firstBad < 0 ? names.Length : firstBad,
            HasRawBytes = Array.Exists(segments, static segment => segment.AsSpan().ContainsAnyInRange('\uDC80', '\uDCFF')
                && !Utf8.IsValid(RawText.Encode(segment))),
            HasEncodedSlash = names.Length > segments.Length,
        };
        return UrlPathFault.None;
    }

    /// <summary>
    /// Whether the path is <paramref name="prefix"/> or below it, segment by segment: <c>/cgi-binary</c> is not under
    /// <c>/cgi-bin</c>. Case counts unless the path was read with Windows's rules, or on macOS.
    /// </summary>
    /// <param name="prefix">A decoded path; slashes at its ends make no difference, and everything is under <c>/</c>.</param>
    public bool IsUnder(string prefix)
    {
        var depth = 0;
        foreach (var part in prefix.AsSpan().Split('/'))
        {
            var segment = prefix.AsSpan()[part];
            if (segment.IsEmpty) continue;
            if (depth == _segments.Length || !segment.Equals(_segments[depth], _comparison)) return false;
            depth++;
        }

        return true;
    }

    /// <summary>The path of an entry of this directory.</summary>
    /// <param name="name">Its name, in which <see cref="UploadName"/> finds no fault.</param>
    public UrlPath Append(string name) => new([.. _segments, name], hasTrailingSlash: false, "", _comparison);

    /// <summary>The path as <see cref="Decoded"/>.</summary>
    public override string ToString() => Decoded;

    private string Join(string[] segments) =>
        string.Concat("/", string.Join('/', segments), HasTrailingSlash && segments.Length > 0 ? "/" : "");

    private static UrlPathFault TryReadSegments(
        ReadOnlySpan<byte> rest, bool windowsRules, Span<byte> buffer, out string[] segments, out bool hasTrailingSlash,
            out UrlPathFault fileFault)
    {
        segments = new string[rest.Count((byte)'/') + 1];
        fileFault = UrlPathFault.None;
        var count = 0;
        while (true)
        {
            var slash = rest.IndexOf((byte)'/');
            var raw = slash < 0 ? rest : rest[..slash];
            var isDecoded = PercentEncoding.TryDecode(raw, buffer, out var length);
            ReadOnlySpan<byte> decoded = buffer[..length];
            var isParent = decoded.SequenceEqual(".."u8);
            hasTrailingSlash = decoded.IsEmpty || isParent || decoded.SequenceEqual("."u8);

            if (!isDecoded) return UrlPathFault.BadEscape;
            if (decoded.Contains((byte)0)) return UrlPathFault.ControlByte;
            if (isParent && --count < 0) return UrlPathFault.LeavesRoot;
            // A proxy that decodes the path first would remove one name for the dot segment, and not the whole segment.
            if (isParent && segments[count].Contains('/', StringComparison.Ordinal)) return UrlPathFault.EncodedSlash;
            if (!hasTrailingSlash)
            {
                var segment = segments[count++] = RawText.Decode(decoded);
                if (HidesDotSegment(segment, windowsRules)) return UrlPathFault.EncodedSlash;
                if (fileFault == UrlPathFault.None) fileFault = FindFaultOfSegment(segment, windowsRules);
            }

            if (slash < 0) break;
            rest = rest[(slash + 1)..];
        }

        Array.Resize(ref segments, count);
        return UrlPathFault.None;
    }

    /// <summary>Whether there would be a dot segment if encoded slashes, and on Windows backslashes, were separators.</summary>
    private static bool HidesDotSegment(string segment, bool windowsRules)
    {
        if (!segment.Contains('/', StringComparison.Ordinal)
            && !(windowsRules && segment.Contains('\\', StringComparison.Ordinal)))
            return false;
        foreach (var part in segment.AsSpan().SplitAny(windowsRules ? "/\\" : "/"))
        {
            if (segment.AsSpan()[part] is "." or "..") return true;
        }

        return false;
    }

    private static UrlPathFault FindFaultOfSegment(string segment, bool windowsRules)
    {
        if (!segment.Contains('/', StringComparison.Ordinal)) return FindFaultOfName(segment, windowsRules);
        foreach (var name in segment.Split('/'))
        {
            if (FindFaultOfName(name, windowsRules) is not UrlPathFault.None and var fault) return fault;
        }

        return UrlPathFault.None;
    }

    private static UrlPathFault FindFaultOfName(string name, bool windowsRules)
    {
        // A segment with an encoded slash at its start or end has an empty name in it; plain empty segments have been left out.
        if (name.Length == 0) return UrlPathFault.EncodedSlash;
        // On Linux a name is bytes, of any encoding; elsewhere it is text.
        if (!OperatingSystem.IsLinux() && name.AsSpan().ContainsAnyInRange('\uDC80', '\uDCFF')
            && !Utf8.IsValid(RawText.Encode(name))) return UrlPathFault.NotUtf8;
        if (UploadName.IsTemporary(name)) return UrlPathFault.TemporaryName;
        return windowsRules && WindowsNames.IsReserved(name) ? UrlPathFault.ReservedOnWindows : UrlPathFault.None;
    }
}
