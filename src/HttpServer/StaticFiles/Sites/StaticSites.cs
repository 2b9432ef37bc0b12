namespace Http.Server.StaticFiles.Sites;

/// <summary>The sites of one server, which its handlers share.</summary>
internal sealed class StaticSites
{
    /// <summary>
    /// More than a server has whose handlers are all configured alike, or by a few host names. The oldest one goes
    /// first.
    /// </summary>
    private const int MaxSites = 16;

    private readonly Lock _changes = new();
    private volatile StaticSite[] _sites = [];

    /// <summary>The sites there are, the oldest first.</summary>
    public IReadOnlyList<StaticSite> All => _sites;

    /// <summary>The site of handlers with these options; made if there is none yet.</summary>
    /// <param name="options">Not changed any more if a site is made of them.</param>
    public StaticSite Get(SiteOptions options)
    {
        if (Find(options) is { } known)
            return known;
        lock (_changes)
        {
            if (Find(options) is { } made)
                return made;
            var site = new StaticSite(options);
            _sites = [.. _sites.TakeLast(MaxSites - 1), site];
            return site;
        }
    }

    private StaticSite? Find(SiteOptions options)
    {
        foreach (var site in _sites)
        {
            if (ReferenceEquals(site.Options, options) || site.Options.Equals(options))
                return site;
        }

        return null;
    }
}
