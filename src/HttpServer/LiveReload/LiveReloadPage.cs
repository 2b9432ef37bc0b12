using System.Text;
using Http.Server.Files.Bodies;

namespace Http.Server.LiveReload;

/// <summary>
/// What live reload adds to a page: one element that loads a script from the server itself, so that <c>script-src
/// 'self'</c> allows it.
/// </summary>
internal static class LiveReloadPage
{
    /// <summary>How far from a page's end its <c>&lt;/body&gt;</c> is looked for.</summary>
    private const int TailLength = 16 * 1024;

    private const string Element = "<script src=\"/.well-known/httpserver/live-reload.js\" async></script>\n";

    private static readonly byte[] Ascii = Encoding.ASCII.GetBytes(Element);
    private static readonly byte[] LittleEndian = Encoding.Unicode.GetBytes(Element);
    private static readonly byte[] BigEndian = Encoding.BigEndianUnicode.GetBytes(Element);

    /// <summary>Whether a type is one that the element can be added to.</summary>
    public static bool IsPage(string contentType) =>
        contentType.StartsWith("text/html", StringComparison.OrdinalIgnoreCase)
            && (contentType.Length == 9 || contentType[9] is ';' or ' ' or '\t');

    /// <summary>
    /// The content with the element in it: before the end of its body, or at its end. A file is not read into
    /// memory.
    /// </summary>
    /// <param name="page">Taken over.</param>
    /// <param name="contentType">Its type.</param>
    public static FileContent AddTo(FileContent page, string contentType)
    {
        Span<byte> start = stackalloc byte[2];
        start = start[..page.ReadAt(start, 0)];
        var element = start switch
        {
            [0xFF, 0xFE] => LittleEndian,
            [0xFE, 0xFF] => BigEndian,
            _ when contentType.Contains("utf-16be", StringComparison.OrdinalIgnoreCase) => BigEndian,
            _ when contentType.Contains("utf-16", StringComparison.OrdinalIgnoreCase) => LittleEndian,
            // Every other encoding that browsers know writes ASCII as ASCII.
            _ => Ascii,
        };
        var place = FindPlace(page, element);
        ContentPart[] parts = [new ContentPart(default, 0, place), new ContentPart(element, place, page.Length - place)];
        return FileContent.OfParts(page, parts, page.ETag[..^1] + "-live\"");
    }

    /// <summary>The page as text with the element in it.</summary>
    public static string AddTo(string page)
    {
        var place = page.LastIndexOf("</body", StringComparison.OrdinalIgnoreCase);
        return place < 0 ? page + Element : page.Insert(place, Element);
    }

    /// <summary>A policy that allows what it did and, besides, the script and its events from the server itself.</summary>
    public static string Allow(string policy)
    {
        var directives = policy.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToList();
        Add("script-src");
        Add("connect-src");
        return string.Join("; ", directives);

        void Add(string name)
        {
            var at = directives.FindIndex(directive => directive == name
                || directive.StartsWith(name + " ", StringComparison.Ordinal));
            if (at < 0)
                directives.Add(name + " 'self'");
            else if (!directives[at].Contains("'self'", StringComparison.Ordinal))
                directives[at] = directives[at].Replace(" 'none'", "", StringComparison.Ordinal) + " 'self'";
        }
    }

    private static long FindPlace(FileContent page, byte[] element)
    {
        var width = element.Length / Element.Length;
        var from = Math.Max(page.Length - TailLength, 0);
        from -= from % width;
        var tail = new byte[page.Length - from];
        var length = page.ReadAt(tail, from);
        // Back to one byte a character, which is all that the search needs.
        var text = ReferenceEquals(element, Ascii) ? Encoding.Latin1.GetString(tail, 0, length)
            : ReferenceEquals(element, LittleEndian) ? Encoding.Unicode.GetString(tail, 0, length & ~1)
            : Encoding.BigEndianUnicode.GetString(tail, 0, length & ~1);
        var at = text.LastIndexOf("</body", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? page.Length : from + ((long)at * width);
    }
}
