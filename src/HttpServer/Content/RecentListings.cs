namespace Http.Server.Content;

/// <summary>
/// Large listings that are being sent: who asks for the same within a second shares them, so that many who ask at once have it made once. What nobody
/// sends any more is not kept here.
/// </summary>
internal sealed class RecentListings
{
    /// <summary>As for content in memory: the sizes in a listing change without its directory's stamp.</summary>
    private const long MostAge = 1000;

    private const int Places = 8;

    private readonly Lock _changes = new();
    private readonly Entry?[] _entries = new Entry?[Places];
    private int _next;

    /// <summary>What a listing depends on.</summary>
    internal readonly record struct Identity(
        string Target, string Path, FileStamp Stamp, ListingShape Shape, ListingColumn Column, bool IsDescending, bool HidesDotfiles);

    /// <summary>The page of a listing, for one more user.</summary>
    /// <returns>Null if there is none that is being sent and not too old.</returns>
    public PageBytes? Find(in Identity listing, long now)
    {
        lock (_changes)
        {
            foreach (var entry in _entries)
            {
                if (entry is not null && now - entry.MadeAt <= MostAge && entry.Listing == listing
                    && entry.Page.TryGetTarget(out var page) && page.TryShare())
                    return page;
            }
        }

        return null;
    }

    /// <summary>Lets others share a page.</summary>
    public void Add(in Identity listing, long now, PageBytes page)
    {
        lock (_changes)
            _entries[_next++ % Places] = new Entry(listing, now, new WeakReference<PageBytes>(page));
    }

    private sealed record Entry(Identity Listing, long MadeAt, WeakReference<PageBytes> Page);
}
