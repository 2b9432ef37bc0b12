using System.Globalization;
using System.Text;
using Http.Server.Text;

namespace Http.Server.Content;

/// <summary>The HTML of a directory listing. Names are escaped as text and percent-encoded as links, so any name can stand in it.</summary>
internal static class ListingPage
{
    private const string Style =
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.25rem;overflow-wrap:anywhere}"
        + "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.15rem .5rem;border-bottom:1px solid #8883}"
        + "td:first-child{overflow-wrap:anywhere;white-space:pre-wrap}td+td,th+th{white-space:nowrap}td:nth-child(2),th:nth-child(2){text-align:right}"
        + "a{text-decoration:none}a:hover{text-decoration:underline}";

    /// <summary>
    /// The page loads nothing and runs nothing; its one style is named by its hash. The hash is written down rather than computed, since
    /// that would load a cryptographic library, 5 MB, into a server that needs it for nothing else; a test keeps it right.
    /// </summary>
    public const string SecurityPolicy =
        "default-src 'none'; style-src 'sha256-vw+o89ZzTekhw2TlRhojXpaU6THaK+PwdJ2H3r1GbwY='; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Makes the page.</summary>
    /// <param name="url">The directory's canonical path.</param>
    /// <param name="entries">Its entries in the order they are shown.</param>
    public static byte[] Render(UrlPath url, IReadOnlyList<ListingEntry> entries)
    {
        var title = HtmlText.Encode("Directory listing for " + url.Decoded);
        var page = new StringBuilder(1024 + (entries.Count * 160));
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n")
            .Append("<title>").Append(title).Append("</title>\n<style>").Append(Style).Append("</style>\n</head>\n<body>\n<h1>")
            .Append(title).Append("</h1>\n<table>\n<thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Size</th>")
            .Append("<th scope=\"col\">Modified</th></tr></thead>\n<tbody>\n");
        if (url.Segments.Count > 0)
            page.Append("<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n");
        foreach (var entry in entries)
            AppendEntry(page, entry);
        page.Append("</tbody>\n</table>\n</body>\n</html>\n");
        return Encoding.UTF8.GetBytes(page.ToString());
    }

    private static void AppendEntry(StringBuilder page, in ListingEntry entry)
    {
        var isDirectory = entry.Kind == EntryKind.Directory;
        page.Append("<tr><td><a href=\"").Append(PercentEncoding.EncodeSegment(entry.Name));
        if (isDirectory)
            page.Append('/');
        page.Append("\">");
        HtmlText.Encode(entry.Name, page);
        // A link is marked whatever it leads to, as Python's listing does.
        if (entry.IsLink)
            page.Append('@');
        else if (isDirectory)
            page.Append('/');
        page.Append("</a></td><td>");
        if (!isDirectory)
            AppendSize(page, entry.Size);
        var local = entry.ModifiedUtc.ToLocalTime();
        page.Append(CultureInfo.InvariantCulture, $"</td><td>{local:yyyy-MM-dd HH:mm}</td></tr>\n");
    }

    private static void AppendSize(StringBuilder page, long size)
    {
        if (size < 1024)
        {
            page.Append(size).Append(" B");
            return;
        }

        var value = size / 1024.0;
        var unit = 0;
        while (value >= 1023.95 && unit < 5)
        {
            value /= 1024;
            unit++;
        }

        page.Append(CultureInfo.InvariantCulture, $"{value:0.0} {"KMGTPE"[unit]}iB");
    }
}
