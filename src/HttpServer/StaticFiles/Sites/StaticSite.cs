using System.Text;
using Http.Server.Files;
using Http.Server.Listings;
using Http.Server.LiveReload;
using Http.Server.Protocol;
using Http.Server.Uploads;

namespace Http.Server.StaticFiles.Sites;

/// <summary>
/// A directory on the network: its options, which do not change, the root on disk, what is remembered of it, and the features
/// that are on. Made once, and shared by all handlers of a server that have the same options.
/// </summary>
internal sealed class StaticSite
{
    /// <param name="options">Not changed from now on; they name a directory.</param>
    public StaticSite(SiteOptions options)
    {
        Options = options;
        Root = new ContentRoot(options.Directory!, options.Symlinks);
        Targets = new TargetCache(Root);
        Listings = new DirectoryListings(Opens, options.Symlinks, options.HideDotfiles, options.HeavyWork);
        Uploads = options.AllowUpload ? new UploadArea(Root, options.AllowOverwrite, options.NamesUploadsAtOnce) : null;
        LiveReload = options.LiveReload ? new LiveReloader(Root.FullPath) : null;
        IsNegotiated = options.Compression != CompressionPolicy.Off && !Replaces("Content-Encoding") && !Replaces("ETag");
        Cors = options.CorsOrigins.Count > 0 ? new CorsPolicy(options.CorsOrigins) : null;
    }

    public SiteOptions Options { get; }

    public ContentRoot Root { get; }

    public TargetCache Targets { get; }

    public DirectoryListings Listings { get; }

    /// <summary>Null if clients send no files.</summary>
    public UploadArea? Uploads { get; }

    /// <summary>Null if pages are not loaded anew.</summary>
    public LiveReloader? LiveReload { get; }

    /// <summary>Null if pages of other origins read nothing.</summary>
    public CorsPolicy? Cors { get; }

    /// <summary>
    /// Whether content goes out compressed to clients that take it. A Content-Encoding or an ETag among the site's own headers
    /// means that nothing is compressed.
    /// </summary>
    public bool IsNegotiated { get; }

    private bool JudgesRealPaths => Options.HideDotfiles || Options.ProgramDirectories.Count > 0;

    /// <summary>Whether one of the site's own headers takes the place of one that the handler would send.</summary>
    public bool Replaces(string header)
    {
        foreach (var (name, _) in Options.ExtraHeaders)
        {
            if (name.Equals(header, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Opens what a request may have, or tells that a directory is there.</summary>
    /// <param name="path">A full path; outside of the root only if an override has chosen it.</param>
    /// <param name="keepsDirectory">A directory has a handle to read its names with, where the system has such handles.</param>
    public OpenedEntry Open(string path, bool keepsDirectory = false)
    {
        Func<string, bool>? isRefused = JudgesRealPaths ? real => IsRefused(path, real) : null;
        var opened = Root.Covers(path)
            ? Root.Open(path, keepsDirectory, isRefused)
            : ContentRoot.OpenAnywhere(path, keepsDirectory, isRefused);
        Options.Opened?.Invoke(path);
        return opened;
    }

    /// <summary>Opens a file below the root that an option names.</summary>
    /// <param name="file">Its path with slashes.</param>
    /// <param name="path">Where it lies.</param>
    public OpenedEntry OpenBelow(string file, out string path)
    {
        path = Root.PathOf(file.Split('/', StringSplitOptions.RemoveEmptyEntries));
        return Open(path);
    }

    /// <summary>The directory for programs that a path lies in; null if it lies in none.</summary>
    public string? FindProgramDirectory(UrlPath url)
    {
        foreach (var directory in Options.ProgramDirectories)
        {
            if (url.IsUnder(directory))
                return directory;
        }

        return null;
    }

    /// <summary>
    /// Whether a file really lies where programs are run, wherever links make it or that directory seem to
    /// lie.
    /// </summary>
    public bool LeadsToProgram(string path) =>
        Options.ProgramDirectories.Count > 0 && PortableFiles.Resolve(path, out _) is { } real && LiesWithPrograms(real);

    /// <summary>
    /// The full path that a request path means, with a separator at its end if the request path has one; null if it means nothing
    /// that could be served.
    /// </summary>
    /// <param name="path">A request path, of which each character is a byte, with or without a query.</param>
    public string? PathOf(string path)
    {
        if (path.AsSpan().ContainsAnyExceptInRange('\0', '\xff'))
            return null;
        if (UrlPath.TryParse(Encoding.Latin1.GetBytes(path), OperatingSystem.IsWindows(), out var url) != UrlPathFault.None
            || url!.FileFault != UrlPathFault.None || url.HasRawBytes)
            return null;
        var full = Root.PathOf(url.Segments);
        return url.HasTrailingSlash && !Path.EndsInDirectorySeparator(full) ? full + Path.DirectorySeparatorChar : full;
    }

    /// <summary>Why the page of an option cannot be sent, in words for the user who has set it; null if all is well.</summary>
    /// <param name="page">Its path with slashes.</param>
    public string? FindProblemOf(string page)
    {
        if (page.Split('/', '\\').Contains(".."))
            return $"The page {page} lies outside of {Root.FullPath}";
        var opened = OpenBelow(page, out var path);
        opened.Handle?.Dispose();
        if (opened.Kind == EntryKind.File)
            return null;
        return File.Exists(path)
            ? $"The file {page} in {Root.FullPath} is not served: it is a link to elsewhere, or cannot be read"
            : $"There is no file {page} in {Root.FullPath}";
    }

    private OpenedEntry Opens(string path, bool keepsDirectory) => Open(path, keepsDirectory);

    /// <summary>
    /// Whether nothing is served because of where links have led: to a hidden name, or to where programs are run. A link may lead
    /// there from elsewhere, or that directory be a link.
    /// </summary>
    private bool IsRefused(string path, string realPath) =>
        (Options.HideDotfiles && Root.LeadsToHidden(path, realPath)) || LiesWithPrograms(realPath);

    private bool LiesWithPrograms(string realPath) => Options.ProgramDirectories.Any(directory =>
        PortableFiles.Resolve(Root.PathOf(directory.Split('/', StringSplitOptions.RemoveEmptyEntries)), out _) is { } programs
        && PortableFiles.IsWithin(programs, realPath));
}
