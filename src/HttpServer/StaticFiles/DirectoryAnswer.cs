using Http.Server.Archives;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.Listings;
using Http.Server.LiveReload;
using Http.Server.StaticFiles.Sites;

namespace Http.Server.StaticFiles;

/// <summary>
/// Answers a request for a directory: with its listing in the format that the client wants, or with its archive.
/// </summary>
internal sealed class DirectoryAnswer(StaticExchange exchange)
{
    /// <summary>The media types, in the order of <see cref="ListingFormat"/>, which is that of preference.</summary>
    private static readonly string[] ListingTypes = ["text/html", "application/json", "text/plain"];

    private ListingFormat? _format;

    private IStaticHandler Handler => exchange.Handler;

    private StaticSite Site => exchange.Site;

    private SiteOptions Options => exchange.Options;

    /// <summary>Begins the next request.</summary>
    public void Reset() => _format = null;

    /// <summary>What the listing that this request wants is like.</summary>
    public ListingShape ShapeOf(StaticTarget target) => new(
        target.Listing.Format ?? (_format ??= NegotiateFormat()),
        HasArchives: Options.Archive,
        Site.Uploads is { } uploads && Handler.View?.MayWrite(target.Url) is not false
            ? new(Allowed: true, uploads.Overwrites, Handler.Server.Options.MaxRequestBodySize)
            : default,
        Handler.View);

    /// <summary>Sends the head for a directory that has been found, and keeps a small listing in memory.</summary>
    public FileContent? SendHead(in Resolution found)
    {
        var target = exchange.FindTarget();
        if (exchange.WantsArchive(target) || Handler.ListsDirectories || target.Listing.HasUnknownFormat)
        {
            exchange.LogDenied(found.Denied);
            return Handler.ListDirectory(found.Path);
        }

        var clock = Handler.Connection.Clock;
        var now = clock.Milliseconds;
        var shape = ShapeOf(target);
        var made = Site.Listings.Make(target.Url!, found.Path, target.Listing, shape, clock, exchange.AskedAt);
        if (made.Content is not { } listing)
            return Refuse(found.Path, made.Fault);
        exchange.LogDenied(found.Denied);
        // What a link leads to, and an index page in another directory, come and go without a change of this directory's stamp.
        if (CachedContent.IsPossible && listing.IsShared && !made.HasLinks && !Options.HideDotfiles && !Handler.TranslatesPaths
            && found.Opened.Stamp.IsSettled(clock.UtcNow) && Options.IndexPages.All(static page => !page.Contains('/')))
            exchange.Keep(CachedContent.OfListing(found.Path, found.Opened.Stamp, now, shape, listing));
        return SendListing(listing, stored: null);
    }

    /// <summary>Sends the head of a directory's listing, or of its archive if the query wants that.</summary>
    /// <param name="path">The directory.</param>
    public FileContent? ListDirectory(string path)
    {
        exchange.FindSite();
        var target = exchange.FindTarget();
        if (target.Url is null)
            return Responder.Fail(Handler, 404, "File not found");
        if (exchange.WantsArchive(target))
            return SendArchive(target, path, target.Listing.Archive!.Value);
        if (target.Listing.HasUnknownFormat)
            return Responder.Fail(Handler, 400, "Unknown format of a listing", "The parameter format is html, json or text.");
        var made = Site.Listings.Make(
            target.Url, path, target.Listing, ShapeOf(target), Handler.Connection.Clock, exchange.AskedAt);
        return made.Content is { } listing ? SendListing(listing, stored: null) : Refuse(path, made.Fault);
    }

    /// <summary>Sends the head of a listing.</summary>
    /// <param name="listing">The listing.</param>
    /// <param name="stored">The same, if it is kept in memory.</param>
    public FileContent? SendListing(FileContent listing, CachedContent? stored)
    {
        var target = exchange.FindTarget();
        if (target.Listing.Format is null)
            exchange.VaryBy("Accept");
        if (Representations.Choose(exchange, new(listing, null, listing.ContentType, stored)) is not { } content)
            return Responder.Fail(Handler, 406);
        Handler.SendResponse(200);
        Handler.SendHeader("Content-Type", listing.ContentType);
        Responder.SendCoding(Handler, content);
        Handler.SendHeader("Cache-Control", Responder.RevalidateAlways);
        if (ShapeOf(target) is { Format: ListingFormat.Html } shape)
        {
            var policy = shape.Uploads.Allowed ? ListingPage.UploadSecurityPolicy : ListingPage.SecurityPolicy;
            Handler.SendHeader("Content-Security-Policy", Site.LiveReload is null ? policy : LiveReloadPage.Allow(policy));
        }

        Handler.SendHeader("X-Content-Type-Options", "nosniff");
        Handler.SendHeader("Referrer-Policy", "same-origin");
        Handler.EndHeaders();
        return content;
    }

    private FileContent? SendArchive(StaticTarget target, string path, ArchiveFormat format)
    {
        var name = ArchiveName.OfTop(target.Url!.Segments);
        try
        {
            var walk = new ArchiveWalk(
                Site.Root, path, name, Options.Symlinks, Options.HideDotfiles,
                file => Site.Open(file), directory => Site.Open(directory, keepsDirectory: true),
                Handler.View is not { } view ? null : file => view.MayReadBelow(
                    target.Url!.Segments, System.IO.Path.GetRelativePath(path, file)));
            return ArchiveSender.SendHead(Handler, walk, name, format);
        }
        catch (Exception exception) when (!Handler.HasAnswered && PortableFiles.IsMissing(exception))
        {
            return Refuse(path, exception);
        }
    }

    private FileContent? Refuse(string path, Exception? fault)
    {
        if (fault is UnauthorizedAccessException)
            exchange.LogDenied(path);
        return Responder.Fail(Handler, 404, "No permission to list directory");
    }

    private ListingFormat NegotiateFormat()
    {
        var input = Handler.Connection.Input;
        var accept = RepeatedField.Read(input.Head, input.HeadBytes, "accept"u8);
        return accept.IsEmpty || accept.SequenceEqual("*/*"u8)
            ? ListingFormat.Html
            : (ListingFormat)AcceptHeader.Choose(accept, ListingTypes);
    }
}
