using System.Diagnostics;
using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.Transport;
using Http.Server.Work;

namespace Http.Server.Listings;

/// <summary>The listings of one site: makes them, and shares those that are being sent.</summary>
/// <param name="open">Opens a path as for a request; a directory with a handle if that is asked for.</param>
/// <param name="links">Which links are shown.</param>
/// <param name="hidesDotfiles">Names that begin with a dot are left out.</param>
/// <param name="limits">What large listings may take.</param>
internal sealed class DirectoryListings(Func<string, bool, OpenedEntry> open, SymlinkPolicy links, bool hidesDotfiles,
    WorkLimits limits)
{
    /// <summary>Bytes of a listing that is kept in memory; a larger one is shared by those who ask for it at once.</summary>
    private const int MaxKept = 1024 * 1024;

    private readonly RecentListings _recent = new();

    /// <summary>Makes the listing of a directory, or finds one that is being sent.</summary>
    /// <param name="url">The directory's canonical path.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="query">The order.</param>
    /// <param name="shape">What the listing is like.</param>
    /// <param name="clock">The server's clock.</param>
    /// <param name="askedAt">When it was asked for, as a <see cref="Stopwatch"/> counts; <see cref="long.MaxValue"/> for
    /// now.</param>
    /// <exception cref="RequestFaultException">Too many large listings are being sent.</exception>
    public MadeListing Make(UrlPath url, string path, ListingQuery query, ListingShape shape, Clock clock, long askedAt)
    {
        try
        {
            var begunAt = Stopwatch.GetTimestamp();
            var opened = open(path, true);
            using var handle = opened.Handle;
            var stamp = opened.Stamp;
            var identity = new RecentListings.Identity(url.Encoded, path, shape, query.Column, query.IsDescending, hidesDotfiles);
            // The request that had the listing made decides whether it is kept.
            if (_recent.Find(identity, stamp, clock.Milliseconds, askedAt, TypeOf(shape)) is { } known)
                return new(known, HasLinks: true);

            var entries = DirectoryReader.Read(opened, path, file => open(file, false), links, hidesDotfiles, out var hasLinks);
            if (shape.View is { } view)
                entries.RemoveAll(entry => !view.MayReadBelow(url.Segments, entry.Name));
            ListingOrder.Sort(entries, query.Column, query.IsDescending);
            var page = shape.Format switch
            {
                ListingFormat.Json => ListingJson.Render(entries),
                ListingFormat.Text => ListingText.Render(entries),
                _ => ListingPage.Render(url, entries, query, shape),
            };
            if (page.Length <= MaxKept)
            {
                var content = FileContent.OfMemory(page.ToArray(), stamp with { Size = page.Length }, TypeOf(shape));
                _recent.Add(identity, begunAt, content);
                return new(content, hasLinks);
            }

            if (!page.TryCount(limits.Listed))
                throw new RequestFaultException(RequestFault.TooBusy);
            _recent.Add(identity, stamp, begunAt, clock.Milliseconds, !hasLinks && stamp.IsSettled(clock.UtcNow), page);
            return new(FileContent.OfPage(page, stamp, TypeOf(shape)), hasLinks);
        }
        catch (Exception exception) when (exception is not RequestFaultException && PortableFiles.IsMissing(exception))
        {
            return new(null, HasLinks: false, exception);
        }
    }

    private static string TypeOf(ListingShape shape) => shape.Format switch
    {
        ListingFormat.Json => "application/json",
        ListingFormat.Text => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    };
}
