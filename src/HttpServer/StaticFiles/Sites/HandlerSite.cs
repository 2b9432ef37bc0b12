namespace Http.Server.StaticFiles.Sites;

/// <summary>The options of a handler, and the site that is made of them when it is first asked for.</summary>
/// <param name="options">The options at first; they are not changed, but copied.</param>
internal sealed class HandlerSite(SiteOptions options)
{
    private StaticSite? _site;
    private bool _ownsOptions;

    public SiteOptions Options { get; private set; } = options;

    /// <summary>Options of the handler's own, to be changed at once: the next look at the site finds another one.</summary>
    public SiteOptions Change()
    {
        _site = null;
        if (!_ownsOptions)
            (Options, _ownsOptions) = (Options with { }, true);
        return Options;
    }

    /// <summary>The site for the options.</summary>
    /// <param name="owner">The server, whose handlers share its sites; null for a site of the handler's own.</param>
    public StaticSite Find(ISiteOwner? owner)
    {
        if (_site is { } known)
            return known;
        if (Options.Directory is null)
            Change().Directory = Environment.CurrentDirectory;
        _site = owner is null ? new StaticSite(Options) : owner.Sites.Get(Options);
        (Options, _ownsOptions) = (_site.Options, false);
        return _site;
    }
}
