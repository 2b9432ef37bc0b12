using System.Diagnostics;
using System.Text;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.Listings;
using Http.Server.LiveReload;
using Http.Server.Protocol;
using Http.Server.StaticFiles;
using Http.Server.Transport;

namespace Http.Server;

/// <content>Directories: the page, the same as JSON and as text.</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>Bytes of a listing that is kept in memory; a larger one is shared by those who ask for it at once.</summary>
    private const int LargestListing = 1024 * 1024;

    /// <summary>In the order of <see cref="ListingFormat"/>, which is that of preference.</summary>
    private static readonly string[] ListingTypes = ["text/html", "application/json", "text/plain"];

    /// <summary>
    /// Sends the head of a directory's listing (Python: <c>list_directory</c>): as a page, or as JSON or text if the query's
    /// <c>format</c> or else the Accept header wants that; in the order of the query's <c>sort</c>. With <see cref="Archive"/>, also of what the
    /// query's <c>archive</c> wants.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <returns>The listing; null if the answer is complete: 404 for a directory that cannot be read, 400 for an unknown format.</returns>
    protected virtual FileContent? ListDirectory(string path)
    {
        var target = FindTarget();
        if (target?.Url is null)
            return NotFound();
        if (WantsArchive(target))
            return SendArchive(target, path, target.Listing.Archive!.Value);
        if (target.Listing.HasUnknownFormat)
            return UnknownFormat();
        return ReadListing(target, path, out _, out var fault) is { } listing ? SendListing(target, listing) : NoListing(path, fault);
    }

    /// <summary>When the listing was asked for, as a <see cref="Stopwatch"/> counts, for a request that has waited for its turn.</summary>
    private long _listingAskedAt = long.MaxValue;

    private FileContent? NoListing(string path, Exception? fault)
    {
        if (fault is UnauthorizedAccessException)
            LogDenied(path);
        SendError(404, "No permission to list directory");
        return null;
    }

    private FileContent? UnknownFormat()
    {
        SendError(400, "Unknown format of a listing", "The parameter format is html, json or text.");
        return null;
    }

    private FileContent? SendDirectory(StaticTarget target, string path, FileStamp stamp)
    {
        List<string>? denied = null;
        if (FindIndexPage(path, ref denied) is var (opened, file, page))
        {
            LogDenied(denied);
            return SendOpened(target, opened, file, page);
        }

        if (_listsDirectories || target.Listing.HasUnknownFormat)
        {
            LogDenied(denied);
            return ListDirectory(path);
        }

        var now = Connection.Clock.Milliseconds;
        // In a directory that may not be read no page may be: that is said once.
        if (ReadListing(target, path, out var hasLinks, out var fault) is not { } listing)
            return NoListing(path, fault);
        LogDenied(denied);
        // What a link leads to, and an index page in another directory, come and go without a change of this directory's stamp.
        if (CachedContent.IsPossible && listing.IsShared && !hasLinks && !HideDotfiles && !_translatesPaths && stamp.IsSettled(Connection.Clock.UtcNow)
            && IndexPages.All(static page => !page.Contains('/')))
            Keep(target, CachedContent.OfListing(path, stamp, now, IsDefault(IndexPages) ? IndexPages : [.. IndexPages], ShapeOf(target), listing));
        return SendListing(target, listing);

        static bool IsDefault(IReadOnlyList<string> pages) => ReferenceEquals(pages, DefaultIndexPages);
    }

    /// <returns>The listing; null if the directory cannot be read.</returns>
    private FileContent? ReadListing(StaticTarget target, string path, out bool hasLinks, out Exception? fault)
    {
        (hasLinks, fault) = (false, null);
        try
        {
            var begunAt = Stopwatch.GetTimestamp();
            var opened = OpenDirectory(path);
            using var handle = opened.Handle;
            var stamp = opened.Stamp;
            var shape = ShapeOf(target);
            var identity = new RecentListings.Identity(target.Url!.Encoded, path, shape, target.Listing.Column, target.Listing.IsDescending, HideDotfiles);
            if (Root.Listings.Find(identity, stamp, Connection.Clock.Milliseconds, _listingAskedAt, TypeOf(shape)) is { } known)
            {
                // Whether it may be kept is for the request to say that had it made.
                hasLinks = true;
                return known;
            }

            var entries = DirectoryReader.Read(opened, path, OpenEntry, Symlinks, HideDotfiles, out hasLinks);
            ListingOrder.Sort(entries, target.Listing.Column, target.Listing.IsDescending);
            var page = shape.Format switch
            {
                ListingFormat.Json => ListingJson.Render(entries),
                ListingFormat.Text => ListingText.Render(entries),
                _ => ListingPage.Render(target.Url!, entries, target.Listing, shape),
            };
            if (page.Length <= LargestListing)
            {
                var content = new FileContent(page.ToArray(), stamp with { Size = page.Length }) { ContentType = TypeOf(shape) };
                Root.Listings.Add(identity, begunAt, content);
                return content;
            }

            if (!page.TryCount(HeavyWork.Listed))
                throw new RequestFaultException(RequestFault.TooBusy);
            Root.Listings.Add(identity, stamp, begunAt, Connection.Clock.Milliseconds, !hasLinks && stamp.IsSettled(Connection.Clock.UtcNow), page);
            return new FileContent(page, stamp) { ContentType = TypeOf(shape) };
        }
        catch (Exception exception) when (exception is not RequestFaultException && PortableFiles.IsMissing(exception))
        {
            fault = exception;
            return null;
        }
    }

    private static string TypeOf(ListingShape shape) => shape.Format switch
    {
        ListingFormat.Json => "application/json",
        ListingFormat.Text => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    };

    private FileContent? SendListing(StaticTarget target, FileContent listing)
    {
        if (target.Listing.Format is null)
            VaryBy("Accept");
        if (Represent(listing, path: null, listing.ContentType) is not { } representation)
            return NotAcceptable();
        SendResponse(200);
        SendHeader("Content-Type", listing.ContentType);
        SendCoding(representation);
        SendHeader("Cache-Control", RevalidateAlways);
        if (ShapeOf(target) is { Format: ListingFormat.Html } shape)
        {
            var policy = shape.Uploads.Allowed ? ListingPage.UploadSecurityPolicy : ListingPage.SecurityPolicy;
            SendHeader("Content-Security-Policy", LiveReload ? LiveReloadPage.Allow(policy) : policy);
        }

        SendHeader("X-Content-Type-Options", "nosniff");
        SendHeader("Referrer-Policy", "same-origin");
        EndHeaders();
        return representation;
    }

    /// <summary>What the listing that this request wants from this handler is like.</summary>
    private ListingShape ShapeOf(StaticTarget target) => new(target.Listing.Format ?? NegotiateFormat(), HasArchives: Archive,
        AllowUpload ? new(Allowed: true, AllowOverwrite, Server.Options.MaxRequestBodySize) : default);

    private ListingFormat NegotiateFormat()
    {
        var bytes = HeadBytes;
        ReadOnlySpan<byte> accept = default;
        foreach (ref readonly var header in Head.Headers)
        {
            if (header.Name.Length == 6 && Ascii.EqualsIgnoreCase(header.Name.Of(bytes), "accept"u8))
                accept = accept.IsEmpty ? header.Value.Of(bytes) : Join(accept, header.Value.Of(bytes));
        }

        return accept.IsEmpty || accept.SequenceEqual("*/*"u8) ? ListingFormat.Html : (ListingFormat)AcceptHeader.Choose(accept, ListingTypes);
    }
}
