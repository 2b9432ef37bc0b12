using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Http.Server.Text;

/// <summary>
/// The one canonical form of a request's path: made once, and what routing, authentication, the CGI test, file mapping,
/// redirects and the log all go by, so that no two of them can read the same target differently. Percent-escapes are decoded
/// exactly once, no segment is empty, <c>.</c> or <c>..</c>, and none holds a slash or NUL.
/// </summary>
internal sealed class UrlPath
{
    // Longest path that is decoded on the stack; longer ones are rare.
    private const int MaxStackLength = 256;

    private readonly string[] _segments;
    private readonly StringComparison _comparison;

    private UrlPath(string[] segments, bool hasTrailingSlash, string query, StringComparison comparison)
    {
        _segments = segments;
        _comparison = comparison;
        HasTrailingSlash = hasTrailingSlash;
        Query = query;
        HasHiddenSegment = Array.Exists(segments, static segment => segment[0] == '.');
    }

    /// <summary>The decoded segments from the root down; none for the root itself.</summary>
    public IReadOnlyList<string> Segments => _segments;

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
    /// <returns>The first fault from the left, or <see cref="UrlPathFault.None"/>.</returns>
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
        var fault = TryReadSegments(rawPath[1..], windowsRules, buffer, out var segments, out var hasTrailingSlash);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        if (fault != UrlPathFault.None) return fault;

        var query = mark < 0 ? "" : Encoding.Latin1.GetString(target[(mark + 1)..]);
        // macOS' usual file system knows no case either: there, /CGI-BIN is the same directory.
        var comparison = windowsRules || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        path = new UrlPath(segments, hasTrailingSlash, query, comparison);
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
        ReadOnlySpan<byte> rest, bool windowsRules, Span<byte> buffer, out string[] segments, out bool hasTrailingSlash)
    {
        segments = new string[rest.Count((byte)'/') + 1];
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
            if (isParent && --count < 0) return UrlPathFault.LeavesRoot;
            if (!hasTrailingSlash)
            {
                var fault = TryReadName(decoded, windowsRules, out segments[count++]);
                if (fault != UrlPathFault.None) return fault;
            }

            if (slash < 0) break;
            rest = rest[(slash + 1)..];
        }

        Array.Resize(ref segments, count);
        return UrlPathFault.None;
    }

    private static UrlPathFault TryReadName(ReadOnlySpan<byte> decoded, bool windowsRules, out string name)
    {
        name = "";
        if (decoded.Contains((byte)0)) return UrlPathFault.ControlByte;
        if (decoded.Contains((byte)'/')) return UrlPathFault.EncodedSlash;
        if (!Utf8.IsValid(decoded)) return UrlPathFault.NotUtf8;
        name = Encoding.UTF8.GetString(decoded);
        if (UploadName.IsTemporary(name)) return UrlPathFault.TemporaryName;
        return windowsRules && WindowsNames.IsReserved(name) ? UrlPathFault.ReservedOnWindows : UrlPathFault.None;
    }
}
