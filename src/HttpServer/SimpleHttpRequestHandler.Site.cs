using System.IO.Enumeration;
using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.StaticFiles;

namespace Http.Server;

/// <content>What makes a site of a directory: fallbacks, caching, and other origins' access.</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>What a client may do with an answer without asking again: nothing. It costs a 304 and never shows old content.</summary>
    private const string RevalidateAlways = "no-cache";

    /// <summary>A year, the longest that caches honour, and no asking even on a reload (RFC 8246).</summary>
    private const string ImmutableCacheControl = "public, max-age=31536000, immutable";

    /// <summary>A year, the shortest time that browsers' lists of HTTPS sites take.</summary>
    private const string HstsPolicy = "max-age=31536000";

    /// <summary>How long a browser may remember the answer to a preflight, in seconds: Chromium's longest is 2 hours.</summary>
    private const string PreflightAge = "7200";

    /// <summary>
    /// The Cache-Control header of files; default <c>no-cache</c>: kept, and asked about each time. Empty for none. Listings and redirects
    /// always say <c>no-cache</c>.
    /// </summary>
    public string CacheControl { get; set; } = RevalidateAlways;

    /// <summary>
    /// Patterns of file names, <c>*.min.js</c> say, whose content never changes under their name: clients may keep them for a year without
    /// asking. Default none.
    /// </summary>
    public IReadOnlyList<string> ImmutableFiles { get; set; } = [];

    /// <summary>
    /// The file of a single-page application, <c>index.html</c> say, that answers GET and HEAD of paths where nothing lies and whose last
    /// part has no dot. Below <see cref="Directory"/>. Null, the default, for none.
    /// </summary>
    public string? FallbackPage { get; set; }

    /// <summary>
    /// The file below <see cref="Directory"/> that is sent with 404 where nothing lies; default <c>404.html</c>, and a plain page if there
    /// is none. Null for the plain page always.
    /// </summary>
    public string? NotFoundPage { get; set; } = "404.html";

    /// <summary>Whether <c>/about</c> finds <c>about.html</c>, and <c>/about/</c> is redirected to it; default false.</summary>
    public bool CleanUrls { get; set; }

    /// <summary>Whether addresses of directories, and of pages found by <see cref="CleanUrls"/>, end in a slash; default <see cref="TrailingSlashPolicy.Auto"/>.</summary>
    public TrailingSlashPolicy TrailingSlash
    {
        get => _trailingSlash;
        set => (_trailingSlash, _root) = (value, null);
    }

    /// <summary>
    /// Origins, <c>https://example.com</c> say, whose pages may read answers (CORS); <c>*</c> for all. Preflights are answered. Default none.
    /// </summary>
    public IReadOnlyList<string> CorsOrigins { get; set; } = [];

    /// <summary>
    /// Whether answers by HTTPS tell browsers to come by HTTPS alone for the next year (Strict-Transport-Security, RFC 6797), also where the
    /// HTTPS is a trusted proxy's. Default false. One of that name in <see cref="ExtraHeaders"/> takes its place, for another time say.
    /// </summary>
    public bool Hsts { get; set; }

    /// <summary>Answers a preflight of <see cref="CorsOrigins"/>.</summary>
    /// <param name="methods">The methods that the path takes.</param>
    /// <returns>False if the request is none; then it is still to be answered.</returns>
    protected bool TrySendPreflight(IEnumerable<string> methods)
    {
        if (!IsPreflight())
            return false;
        SendResponse(204);
        SendHeader("Access-Control-Allow-Methods", string.Join(", ", methods));
        // Token list by token list: nothing of the request is sent back that is not a name.
        if (Headers["Access-Control-Request-Headers"] is { } wanted
            && wanted.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } names
            && Array.TrueForAll(names, static name => HttpGrammar.IsToken(name)))
            SendHeader("Access-Control-Allow-Headers", string.Join(", ", names));
        SendHeader("Access-Control-Max-Age", PreflightAge);
        EndHeaders();
        return true;
    }

    /// <summary>
    /// The methods that a preflight is told before the password has been asked for: all that the server knows, whatever the path, of which
    /// nothing is said.
    /// </summary>
    protected virtual IEnumerable<string> GetKnownMethods() => AllowUpload && IsCrossOrigin() ? Methods.Verbs : Verbs;

    internal override bool IsPreflight() => CorsOrigins.Count > 0 && Command == "OPTIONS"
        && Headers["Origin"] is not null && Headers["Access-Control-Request-Method"] is not null;

    internal override void AnswerPreflight() => TrySendPreflight(GetKnownMethods());

    private void SendCorsHeaders()
    {
        if (CorsOrigins.Contains("*"))
        {
            SendHeader("Access-Control-Allow-Origin", "*");
            return;
        }

        // Caches must know, also of the answers to those who are not allowed.
        VaryBy("Origin");
        if (Headers["Origin"] is { } origin && CorsOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
            SendHeader("Access-Control-Allow-Origin", origin);
    }

    private bool IsImmutable(string path)
    {
        var name = System.IO.Path.GetFileName(path.AsSpan());
        foreach (var pattern in ImmutableFiles)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: OperatingSystem.IsWindows()))
                return true;
        }

        return false;
    }

    /// <summary>Answers for a path where nothing lies.</summary>
    private FileContent? SendMissing(StaticTarget target)
    {
        if (Command is not ("GET" or "HEAD"))
            return NotFound();
        if (target.Url is { Segments.Count: > 0 } url)
        {
            var isPage = !url.Segments[^1].Contains('.', StringComparison.Ordinal) && !(HideDotfiles && url.HasHiddenSegment);
            if (CleanUrls && isPage && FindPage(url.Segments) is { } page)
            {
                if (url.HasTrailingSlash == (TrailingSlash == TrailingSlashPolicy.Always))
                    return SendOther(page);
                page.Opened.Handle?.Dispose();
                return Redirect(url);
            }

            if (FallbackPage is not null && isPage && OpenBelow(FallbackPage) is { Opened.Kind: EntryKind.File } fallback)
                return SendOther(fallback);
        }

        return NotFoundPage is not null && !PrefersProblemDetails() && OpenBelow(NotFoundPage) is { Opened.Kind: EntryKind.File } missing
            ? SendNotFoundPage(missing)
            : NotFound();
    }

    /// <summary>
    /// Why <see cref="FallbackPage"/> cannot be sent, in words for whoever has set it: it is not there, lies outside of <see cref="Directory"/>, or is a link
    /// that <see cref="Symlinks"/> does not follow.
    /// </summary>
    /// <returns>Null if all is well, or there is none.</returns>
    public string? FindFallbackProblem()
    {
        if (FallbackPage is not { } page)
            return null;
        if (page.Split('/', '\\').Contains(".."))
            return $"The page {page} lies outside of {Root.FullPath}";
        var (opened, path) = OpenBelow(page);
        opened.Handle?.Dispose();
        if (opened.Kind == EntryKind.File)
            return null;
        return File.Exists(path)
            ? $"The file {page} in {Root.FullPath} is not served: it is a link to elsewhere, or cannot be read"
            : $"There is no file {page} in {Root.FullPath}";
    }

    private (OpenedEntry Opened, string Path)? FindPage(IReadOnlyList<string> segments)
    {
        var path = Root.PathOf([.. segments.Take(segments.Count - 1), segments[^1] + ".html"]);
        var opened = OpenEntry(path);
        if (opened.Kind == EntryKind.File)
            return (opened, path);
        opened.Handle?.Dispose();
        return null;
    }

    private (OpenedEntry Opened, string Path) OpenBelow(string file)
    {
        var path = Root.PathOf(file.Split('/', StringSplitOptions.RemoveEmptyEntries));
        var opened = OpenEntry(path);
        if (opened.IsDenied)
            LogDenied(path);
        return (opened, path);
    }

    /// <summary>Sends a file in the place of what was asked for. It is not kept in memory under that name, where another may appear.</summary>
    private FileContent? SendOther((OpenedEntry Opened, string Path) file)
    {
        var content = FileContent.OfOpened(file.Opened.Handle!, file.Opened.Stamp, MimeTypes.GuessType(file.Path), RequestTime);
        try
        {
            return SendFile(content, file.Path, contentType: null);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private FileContent? SendNotFoundPage((OpenedEntry Opened, string Path) page)
    {
        var content = FileContent.OfOpened(page.Opened.Handle!, page.Opened.Stamp, MimeTypes.GuessType(page.Path), RequestTime);
        try
        {
            var type = GuessType(page.Path);
            if (Represent(content, page.Path, type) is not { } representation)
                return NotFound();
            content = representation;
            SendResponse(404, "File not found");
            SendHeader("Content-Type", type);
            SendCoding(content);
            SendHeader("Cache-Control", RevalidateAlways);
            EndHeaders();
            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }
}
