using Http.Server.Files;
using Http.Server.Pages;

namespace Http.Server.Listings;

/// <summary>
/// Listings that are being sent, shared by those who ask for the same: a large one for a second, and any with those who had asked
/// already when it was begun, so that many who ask at once have it made once or twice. What is not being sent any more is not
/// kept here.
/// </summary>
internal sealed class RecentListings
{
    /// <summary>
    /// Milliseconds for which a listing is sent again, as for content in memory: sizes in it change without a new stamp of the
    /// directory.
    /// </summary>
    private const long MaxAge = 1000;

    private const int Places = 8;

    private readonly Lock _changes = new();
    private readonly Entry?[] _entries = new Entry?[Places];
    private int _next;

    /// <summary>What a listing depends on, the directory's content aside.</summary>
    internal readonly record struct Identity(string Target, string Path, ListingShape Shape, ListingColumn Column,
        bool IsDescending, bool HidesDotfiles);

    /// <summary>A listing for one more user.</summary>
    /// <param name="listing">Which.</param>
    /// <param name="stamp">The directory's stamp now.</param>
    /// <param name="now">The clock's milliseconds.</param>
    /// <param name="askedAt">When the user asked, as a <see cref="System.Diagnostics.Stopwatch"/> counts.</param>
    /// <param name="contentType">Its type.</param>
    /// <returns>Null if there is none that is being sent and is right for that user.</returns>
    public FileContent? Find(in Identity listing, FileStamp stamp, long now, long askedAt, string contentType)
    {
        lock (_changes)
        {
            foreach (var entry in _entries)
            {
                if (entry is null || entry.Listing != listing
                    || !((entry.IsLasting && entry.Stamp == stamp && now - entry.MadeAt <= MaxAge) || entry.BegunAt > askedAt))
                    continue;
                if (entry.Page is not null && entry.Page.TryGetTarget(out var page) && page.TryShare())
                    return FileContent.OfPage(page, stamp, contentType);
                if (entry.Content is not null && entry.Content.TryGetTarget(out var content))
                    return content;
            }
        }

        return null;
    }

    /// <summary>Lets others share a large page.</summary>
    /// <param name="listing">Which.</param>
    /// <param name="stamp">The directory's stamp when it was read.</param>
    /// <param name="begunAt">When its reading was begun.</param>
    /// <param name="now">The clock's milliseconds.</param>
    /// <param name="isLasting">As long as the directory has the stamp, the page is right.</param>
    /// <param name="page">The page.</param>
    public void Add(in Identity listing, FileStamp stamp, long begunAt, long now, bool isLasting, PageBytes page) =>
        Add(new Entry(listing, stamp, begunAt, now, isLasting, new WeakReference<PageBytes>(page), null));

    /// <summary>Lets those who have asked already share a page in memory.</summary>
    /// <param name="listing">Which.</param>
    /// <param name="begunAt">When its reading was begun.</param>
    /// <param name="content">The page.</param>
    public void Add(in Identity listing, long begunAt, FileContent content) =>
        Add(new Entry(listing, default, begunAt, 0, false, null, new WeakReference<FileContent>(content)));

    private void Add(Entry entry)
    {
        lock (_changes)
            _entries[_next++ % Places] = entry;
    }

    private sealed record Entry(
        Identity Listing, FileStamp Stamp, long BegunAt, long MadeAt, bool IsLasting, WeakReference<PageBytes>? Page,
            WeakReference<FileContent>? Content);
}
