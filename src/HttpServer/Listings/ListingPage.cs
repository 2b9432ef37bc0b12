using System.Globalization;
using System.Text;
using Http.Server.Files;
using Http.Server.Pages;
using Http.Server.Protocol;

namespace Http.Server.Listings;

/// <summary>
/// The HTML of a directory listing. Names are escaped as text and percent-encoded as links, so any name can stand in
/// it.
/// </summary>
internal static class ListingPage
{
    /// <summary>
    /// The look. Icons are masks in the style itself, chosen by the ends of the links, so that no row says more than its name,
    /// size and date. A name is shown with all its white space, breaks anywhere, and turns no text around it from right to left.
    /// A phone has no room for three columns: there the size and the date stand below the name.
    /// </summary>
    private static readonly PageAsset Style = new("listing.css");

    /// <summary>
    /// The reader's own dates, a filter, and keys. It is for comfort alone: everything can be reached without it. It works
    /// through each list once, with two listeners for the whole page, so thousands of rows stay quick.
    /// </summary>
    private static readonly PageAsset Script = new("listing.js");

    /// <summary>An icon of its own keeps browsers from asking for <c>/favicon.ico</c>.</summary>
    private const string Icon =
        "data:image/svg+xml,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27 viewBox=%270 0 20 20%27%3E"
        + "%3Cpath fill=%27%234a8df0%27 d=%27M1 3h7l2 3h9v12H1z%27/%3E%3C/svg%3E";

    /// <summary>
    /// The page loads nothing; its style and its script are named by their hashes, and images are those within the style.
    /// </summary>
    public static string SecurityPolicy { get; } =
        $"default-src 'none'; style-src {Style.HashSource}; script-src {Script.HashSource}; img-src data:; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'";

    /// <summary>The same for a page with a form for uploads: it may send to this server, and to no other.</summary>
    public static string UploadSecurityPolicy { get; } =
        $"default-src 'none'; style-src {Style.HashSource} {ListingUploadForm.Style.HashSource}; "
        + $"script-src {Script.HashSource} {ListingUploadForm.Script.HashSource}; img-src data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Makes the page.</summary>
    /// <param name="url">The directory's canonical path.</param>
    /// <param name="entries">Its entries in the order they are shown.</param>
    /// <param name="query">The order they are in, which links to directories keep.</param>
    /// <param name="shape">What it offers.</param>
    public static PageBytes Render(UrlPath url, IReadOnlyList<DirectoryEntry> entries, ListingQuery query, ListingShape shape)
    {
        var sort = query.SortSuffix;
        var bytes = new PageBytes();
        var page = bytes.Text;
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append("<meta name=\"color-scheme\" content=\"light dark\">\n")
            .Append("<link rel=\"icon\" href=\"").Append(Icon).Append("\">\n<title>Directory listing for ");
        HtmlText.Encode(url.Decoded, page);
        page.Append("</title>\n");
        AppendElement(bytes, "style", Style);
        if (shape.Uploads.Allowed)
            AppendElement(bytes, "style", ListingUploadForm.Style);
        page.Append("</head>\n<body>\n<header>\n<nav aria-label=\"Path\">");
        AppendPath(page, url.Segments, sort);
        page.Append("</nav>\n<div id=\"bar\"><input id=\"q\" type=\"search\" placeholder=\"Filter names  ( / )\" ")
            .Append("aria-label=\"Filter by name\" autocomplete=\"off\" spellcheck=\"false\" hidden>")
            .Append("<output id=\"n\" for=\"q\"></output>");
        if (shape.HasArchives)
            page.Append("<span id=\"get\">Download all: <a href=\"?archive=zip\">zip</a> or ")
                .Append("<a href=\"?archive=tar\">tar</a></span>");
        page.Append("</div>\n</header>\n<main>\n");
        if (shape.Uploads.Allowed)
            ListingUploadForm.Append(page, url, shape.Uploads);
        page.Append("<table>\n<caption>");
        AppendSummary(page, entries);
        page.Append("</caption>\n<thead><tr>");
        AppendColumn(page, query, ListingColumn.Name, "Name");
        AppendColumn(page, query, ListingColumn.Size, "Size");
        AppendColumn(page, query, ListingColumn.Date, "Modified");
        page.Append("</tr></thead>\n<tbody>\n");
        if (url.Segments.Count > 0)
            page.Append("<tr id=\"up\"><td><a href=\"../").Append(sort).Append("\">../</a><td><td>\n");
        var zone = TimeZoneInfo.Local;
        foreach (var entry in entries)
        {
            AppendEntry(page, entry, sort, zone);
            bytes.Take();
        }

        page.Append("</tbody>\n</table>\n</main>\n");
        AppendElement(bytes, "script", Script);
        if (shape.Uploads.Allowed)
            AppendElement(bytes, "script", ListingUploadForm.Script);
        page.Append("</body>\n</html>\n");
        return bytes.Complete();
    }

    private static void AppendElement(PageBytes page, string name, PageAsset content)
    {
        page.Text.Append('<').Append(name).Append('>');
        page.Append(content.Content.Span);
        page.Text.Append("</").Append(name).Append(">\n");
    }

    /// <summary>
    /// The way from the root to here. Links are absolute: the request's own path may have empty or dot
    /// segments.
    /// </summary>
    private static void AppendPath(StringBuilder page, IReadOnlyList<string> segments, string sort)
    {
        page.Append("<h1>");
        var path = "/";
        for (var depth = 0; depth <= segments.Count; depth++)
        {
            if (depth > 0)
            {
                path += PercentEncoding.EncodeSegment(segments[depth - 1]) + "/";
                page.Append("<i aria-hidden=\"true\">/</i>");
            }

            var isHere = depth == segments.Count;
            if (isHere)
                page.Append("<span aria-current=\"page\">");
            else
                page.Append("<a href=\"").Append(path).Append(sort).Append("\">");
            HtmlText.Encode(depth == 0 ? "Home" : segments[depth - 1], page);
            page.Append(isHere ? "</span>" : "</a>");
        }

        page.Append("</h1>");
    }

    private static void AppendSummary(StringBuilder page, IReadOnlyList<DirectoryEntry> entries)
    {
        var (directories, files, size) = (0, 0, 0L);
        foreach (var entry in entries)
        {
            if (entry.Kind == EntryKind.Directory)
            {
                directories++;
                continue;
            }

            files++;
            size = entry.Size > long.MaxValue - size ? long.MaxValue : size + entry.Size;
        }

        if (entries.Count == 0)
            page.Append("This directory is empty");
        if (directories > 0)
            page.Append(CultureInfo.InvariantCulture, $"{directories:N0} {(directories == 1 ? "directory" : "directories")}");
        if (files == 0)
            return;
        page.Append(CultureInfo.InvariantCulture,
            $"{(directories > 0 ? ", " : "")}{files:N0} {(files == 1 ? "file" : "files")}, ");
        AppendSize(page, size);
    }

    private static void AppendColumn(StringBuilder page, ListingQuery query, ListingColumn column, string title)
    {
        page.Append("<th scope=\"col\"");
        var isSorted = query.Column == column;
        if (isSorted)
            page.Append(" aria-sort=\"").Append(query.IsDescending ? "descending" : "ascending").Append('"');
        page.Append("><a href=\"?sort=").Append(isSorted && !query.IsDescending ? "-" : "").Append(ListingQuery.NameOf(column))
            .Append("\">").Append(title).Append("</a></th>");
    }

    /// <summary>
    /// A row. End tags of cells and rows are left out: HTML needs none, and they would be a sixth of a large
    /// page.
    /// </summary>
    private static void AppendEntry(StringBuilder page, in DirectoryEntry entry, string sort, TimeZoneInfo zone)
    {
        var isDirectory = entry.Kind == EntryKind.Directory;
        page.Append("<tr><td><a href=\"").Append(PercentEncoding.EncodeSegment(entry.Name));
        if (isDirectory)
            page.Append('/').Append(sort);
        page.Append("\">");
        HtmlText.Encode(entry.Name, page);
        // A link is marked as one, also if it leads to a directory, as in Python's listing.
        if (entry.IsLink)
            page.Append('@');
        else if (isDirectory)
            page.Append('/');
        page.Append("</a><td");
        if (!isDirectory)
        {
            if (entry.Size >= 1024)
                page.Append(CultureInfo.InvariantCulture, $" title=\"{entry.Size:N0} bytes\"");
            page.Append('>');
            AppendSize(page, entry.Size);
        }
        else
        {
            page.Append('>');
        }

        AppendTime(page, entry.ModifiedUtc, zone);
    }

    /// <summary>
    /// The server's own time with its offset from UTC: a text that people and programs read alike (HTML, "valid global date and
    /// time string"), so that no attribute has to say it again.
    /// </summary>
    private static void AppendTime(StringBuilder page, DateTime utc, TimeZoneInfo zone)
    {
        // The offset is given in whole minutes: time zones of before 1900 have seconds, which this form cannot express.
        var offset = TimeSpan.FromMinutes((long)zone.GetUtcOffset(utc).TotalMinutes);
        // The first hours of the first year and the last of the last have no local time everywhere.
        var local = new DateTime(Math.Clamp(utc.Ticks + offset.Ticks, 0, DateTime.MaxValue.Ticks));
        page.Append(CultureInfo.InvariantCulture, $"<td><time>{local:yyyy-MM-dd HH:mm}");
        if (offset == TimeSpan.Zero)
            page.Append('Z');
        else
            page.Append(offset < TimeSpan.Zero ? '-' : '+').Append(CultureInfo.InvariantCulture, $"{offset:hh\\:mm}");
        page.Append("</time>\n");
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
