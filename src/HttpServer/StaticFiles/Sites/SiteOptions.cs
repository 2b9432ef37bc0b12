using Http.Server.Work;

namespace Http.Server.StaticFiles.Sites;

/// <summary>
/// What a site is told; the properties are those of <see cref="SimpleHttpRequestHandler"/>, which describes
/// them.
/// </summary>
/// <remarks>
/// A handler fills one of its own in. Once a site has been made of it, it is not changed any more: a handler that wants something
/// else copies it. Lists are compared by what is in them, so that the handlers of a server share a site, however their lists were
/// made.
/// </remarks>
internal sealed record SiteOptions
{
    public static readonly IReadOnlyList<string> DefaultIndexPages = ["index.html", "index.htm"];

    private static readonly IReadOnlyDictionary<string, string> NoExtensions = new Dictionary<string, string>();

    public static SiteOptions Default { get; } = new();

    /// <summary>Null for the current directory.</summary>
    public string? Directory { get; set; }

    public IReadOnlyList<string> IndexPages { get; set; } = DefaultIndexPages;

    public IReadOnlyDictionary<string, string> ExtensionsMap { get; set; } = NoExtensions;

    public string DefaultContentType { get; set; } = MimeTypes.Default;

    public SymlinkPolicy Symlinks { get; set; }

    public bool HideDotfiles { get; set; }

    public IReadOnlyList<KeyValuePair<string, string>> ExtraHeaders { get; set; } = [];

    public string CacheControl { get; set; } = "no-cache";

    public IReadOnlyList<string> ImmutableFiles { get; set; } = [];

    public string? FallbackPage { get; set; }

    public string? NotFoundPage { get; set; } = "404.html";

    public bool CleanUrls { get; set; }

    public TrailingSlashPolicy TrailingSlash { get; set; }

    public IReadOnlyList<string> CorsOrigins { get; set; } = [];

    public bool Hsts { get; set; }

    public CompressionPolicy Compression { get; set; } = CompressionPolicy.On;

    public bool Archive { get; set; }

    public bool AllowUpload { get; set; }

    public bool AllowOverwrite { get; set; }

    public bool LiveReload { get; set; }

    /// <summary>Paths below which programs are run, of which nothing is served as a file.</summary>
    public IReadOnlyList<string> ProgramDirectories { get; set; } = [];

    /// <summary>How much heavy work is done at once; a test has limits of its own.</summary>
    public WorkLimits HeavyWork { get; set; } = WorkLimits.Shared;

    /// <summary>
    /// Whether files on their way have temporary names where they need none: for tests of file systems that cannot do
    /// otherwise.
    /// </summary>
    public bool NamesUploadsAtOnce { get; set; }

    /// <summary>Called with each path that was opened: for tests of files that change at that very moment.</summary>
    public Action<string>? Opened { get; set; }

    public bool Equals(SiteOptions? other) =>
        other is not null && Directory == other.Directory
        && Symlinks == other.Symlinks && HideDotfiles == other.HideDotfiles && CleanUrls == other.CleanUrls
        && TrailingSlash == other.TrailingSlash && Hsts == other.Hsts && Compression == other.Compression
        && Archive == other.Archive && AllowUpload == other.AllowUpload && AllowOverwrite == other.AllowOverwrite
        && LiveReload == other.LiveReload && NamesUploadsAtOnce == other.NamesUploadsAtOnce
        && DefaultContentType == other.DefaultContentType && CacheControl == other.CacheControl
        && FallbackPage == other.FallbackPage && NotFoundPage == other.NotFoundPage
        && ReferenceEquals(HeavyWork, other.HeavyWork) && Opened == other.Opened
        && AreEqual(IndexPages, other.IndexPages) && AreEqual(ExtraHeaders, other.ExtraHeaders)
        && AreEqual(ImmutableFiles, other.ImmutableFiles)
        && AreEqual(CorsOrigins, other.CorsOrigins) && AreEqual(ProgramDirectories, other.ProgramDirectories)
        && AreEqual(ExtensionsMap, other.ExtensionsMap);

    public override int GetHashCode() => Directory?.GetHashCode(StringComparison.Ordinal) ?? 0;

    private static bool AreEqual<T>(IReadOnlyCollection<T> one, IReadOnlyCollection<T> other) =>
        ReferenceEquals(one, other) || (one.Count == other.Count && one.SequenceEqual(other));
}
