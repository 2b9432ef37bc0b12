using System.Globalization;
using System.Text;
using Http.Server.Pages;
using Http.Server.Protocol;

namespace Http.Server.Listings;

/// <summary>
/// The form of a listing that takes files in. Without scripts it is a plain form; with them files may be dropped anywhere on the
/// page, go one after the other with a bar each, and the list is read anew.
/// </summary>
internal static class ListingUploadForm
{
    /// <summary>The style sheet; it has the colours of the listing's style sheet.</summary>
    public static PageAsset Style { get; } = new("upload.css");

    public static PageAsset Script { get; } = new("upload.js");

    /// <summary>Writes the form.</summary>
    public static void Append(StringBuilder page, UrlPath url, ListingUploads uploads)
    {
        // The canonical address: that of the page may have empty or dot segments.
        page.Append("<form id=\"send\" method=\"post\" enctype=\"multipart/form-data\" action=\"")
            .Append(url.Encoded.TrimEnd('/')).Append("/\" data-most=\"")
            .Append(CultureInfo.InvariantCulture, $"{uploads.MaxBytes}")
                .Append(uploads.Overwriting ? "\" data-over=\"\">" : "\">")
            .Append("<label for=\"pick\">Upload files</label><input id=\"pick\" type=\"file\" name=\"file\" multiple required>")
            .Append("<button>Upload</button><span hidden>or drop them anywhere on this page</span></form>\n")
            .Append("<ul id=\"sent\" aria-label=\"Uploads\"></ul><div id=\"told\" role=\"status\"></div>\n");
    }
}
