using System.Net;
using System.Text.RegularExpressions;

namespace Http.Server.Tests.Support;

/// <summary>Reads a listing as a browser does.</summary>
internal static partial class Listing
{
    /// <summary>The links of a page's rows in their order: where each leads from the page's own path, and the text that is seen.</summary>
    public static List<(string Target, string Text)> LinksOf(string page, string path)
    {
        Assert.EndsWith("/", path, StringComparison.Ordinal);
        return [.. Anchor().Matches(BodyOf(page)).Select(match => (Resolve(path, WebUtility.HtmlDecode(match.Groups[1].Value)), WebUtility.HtmlDecode(match.Groups[2].Value)))];
    }

    /// <summary>The texts of a page's links but for the one to the parent.</summary>
    public static List<string> NamesOf(string page) => [.. LinksOf(page, "/").Select(link => link.Text).Where(text => text != "../")];

    /// <summary>What the table's body holds; nothing if there is none.</summary>
    public static string BodyOf(string page) => page.Split("<tbody>\n") is [_, var rest] ? rest.Split("</tbody>")[0] : "";

    /// <summary>
    /// Joins a path and a relative reference of one segment. A reference with anything that the URL standard treats specially (a
    /// scheme, a slash in front, a dot segment in any spelling, a character that is dropped or changed) is no such segment.
    /// </summary>
    private static string Resolve(string path, string reference)
    {
        if (reference == "../")
            return path[..(path.TrimEnd('/').LastIndexOf('/') + 1)];
        Assert.Matches(PlainSegment(), reference);
        Assert.DoesNotMatch(DotSegment(), reference);
        return path + reference;
    }

    [GeneratedRegex("<a href=\"([^\"]*)\">([^<]*)</a>")]
    private static partial Regex Anchor();

    [GeneratedRegex("^(?:[A-Za-z0-9\\-._~!$&'()*+,;=@]|%[0-9A-Fa-f]{2})+/?\\z")]
    private static partial Regex PlainSegment();

    [GeneratedRegex("^(?:\\.|%2e){1,2}/?\\z", RegexOptions.IgnoreCase)]
    private static partial Regex DotSegment();
}
