using Http.Server.Authentication.Rules;
using Http.Server.LiveReload;
using Http.Server.Requests;
using Http.Server.StaticFiles;
using Http.Server.StaticFiles.Sites;
using Http.Server.Transport;
using Http.Server.Work;

namespace Http.Server;

/// <summary>
/// Serves files and directory listings from a directory; Python's <c>http.server.SimpleHTTPRequestHandler</c>. Answers carry
/// validators, honour ranges, and never leave the directory.
/// </summary>
/// <remarks>
/// The properties say what site is served. All handlers of a server that say the same share that site: what is read of the disk
/// is remembered for all of them. A property that is set anew means another site, from the next request on.
/// </remarks>
public class SimpleHttpRequestHandler : BaseHttpRequestHandler, IStaticHandler
{
    /// <summary>A year, the shortest time that browsers' lists of HTTPS sites take.</summary>
    private const string HstsPolicy = "max-age=31536000";

    private readonly StaticExchange _exchange;
    private readonly StaticAnswer _answer;
    private readonly bool _translatesPaths;
    private readonly bool _listsDirectories;
    private readonly bool _guessesTypes;
    private readonly HandlerSite _site;

    static SimpleHttpRequestHandler() =>
        VerbTable<BaseHttpRequestHandler>.Register(typeof(SimpleHttpRequestHandler), new()
        {
            ["GET"] = static handler => ((SimpleHttpRequestHandler)handler).DoGet(),
            ["HEAD"] = static handler => ((SimpleHttpRequestHandler)handler).DoHead(),
            ["OPTIONS"] = static handler =>
            {
                ((SimpleHttpRequestHandler)handler).DoOptions();
                return default;
            },
        });

    /// <summary>Makes a handler that speaks HTTP/1.1 and serves the current directory.</summary>
    public SimpleHttpRequestHandler()
        : this(SiteOptions.Default)
    {
    }

    private protected SimpleHttpRequestHandler(SiteOptions options)
    {
        ProtocolVersion = "HTTP/1.1";
        _site = new HandlerSite(options);
        _exchange = new StaticExchange(this);
        _answer = new StaticAnswer(this, _exchange);
        _translatesPaths = Methods.Overrides(nameof(TranslatePath));
        _listsDirectories = Methods.Overrides(nameof(ListDirectory));
        _guessesTypes = Methods.Overrides(nameof(GuessType));
    }

    /// <summary>The directory that is served; default the current one when it is first asked for.</summary>
    public string Directory
    {
        get => Options.Directory ?? Environment.CurrentDirectory;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            Change().Directory = value;
        }
    }

    /// <summary>
    /// Files that stand for their directory, in the order they are looked for; default <c>index.html</c>,
    /// <c>index.htm</c>.
    /// </summary>
    public IReadOnlyList<string> IndexPages
    {
        get => Options.IndexPages;
        set => Change().IndexPages = value;
    }

    /// <summary>
    /// Types for extensions (with their dot, in any case) that differ from the built-in table; default none. <c>.tar.gz</c>
    /// counts as an extension before <c>.gz</c>, and <c>""</c> gives the type of files without a known one.
    /// </summary>
    public IReadOnlyDictionary<string, string> ExtensionsMap
    {
        get => Options.ExtensionsMap;
        set => Change().ExtensionsMap = value;
    }

    /// <summary>The type of files whose extension is unknown; default <c>application/octet-stream</c>.</summary>
    public string DefaultContentType
    {
        get => Options.DefaultContentType;
        set => Change().DefaultContentType = value;
    }

    /// <summary>What is done with symbolic links; default <see cref="SymlinkPolicy.Inside"/>.</summary>
    public SymlinkPolicy Symlinks
    {
        get => Options.Symlinks;
        set => Change().Symlinks = value;
    }

    /// <summary>
    /// Whether names that begin with a dot are 404 and left out of listings, links that lead to such names too; default false, as
    /// in Python.
    /// </summary>
    public bool HideDotfiles
    {
        get => Options.HideDotfiles;
        set => Change().HideDotfiles = value;
    }

    /// <summary>
    /// Headers for every answer, error pages included. One that this handler would send by itself, Cache-Control say, takes the
    /// place of its own.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> ExtraHeaders
    {
        get => Options.ExtraHeaders;
        set => Change().ExtraHeaders = value;
    }

    /// <summary>
    /// The Cache-Control header of files; default <c>no-cache</c>: kept, and asked about each time. Empty for none. Listings and
    /// redirects always say <c>no-cache</c>.
    /// </summary>
    public string CacheControl
    {
        get => Options.CacheControl;
        set => Change().CacheControl = value;
    }

    /// <summary>
    /// Patterns of file names, <c>*.min.js</c> say, whose content never changes under their name: clients may keep them for a
    /// year without asking. Default none.
    /// </summary>
    public IReadOnlyList<string> ImmutableFiles
    {
        get => Options.ImmutableFiles;
        set => Change().ImmutableFiles = value;
    }

    /// <summary>
    /// The file of a single-page application, <c>index.html</c> say, that answers GET and HEAD of paths where nothing lies and
    /// whose last part has no dot. Below <see cref="Directory"/>. Null, the default, for none.
    /// </summary>
    public string? FallbackPage
    {
        get => Options.FallbackPage;
        set => Change().FallbackPage = value;
    }

    /// <summary>
    /// The file below <see cref="Directory"/> that is sent with 404 where nothing lies; default <c>404.html</c>, and a plain page
    /// if there is none. Null for the plain page always.
    /// </summary>
    public string? NotFoundPage
    {
        get => Options.NotFoundPage;
        set => Change().NotFoundPage = value;
    }

    /// <summary>Whether <c>/about</c> finds <c>about.html</c>, and <c>/about/</c> is redirected to it; default false.</summary>
    public bool CleanUrls
    {
        get => Options.CleanUrls;
        set => Change().CleanUrls = value;
    }

    /// <summary>
    /// Whether addresses of directories, and of pages found by <see cref="CleanUrls"/>, end in a slash; default
    /// <see cref="TrailingSlashPolicy.Auto"/>.
    /// </summary>
    public TrailingSlashPolicy TrailingSlash
    {
        get => Options.TrailingSlash;
        set => Change().TrailingSlash = value;
    }

    /// <summary>
    /// Origins, <c>https://example.com</c> say, whose pages may read answers (CORS); <c>*</c> for all. Preflights are answered.
    /// Default none.
    /// </summary>
    public IReadOnlyList<string> CorsOrigins
    {
        get => Options.CorsOrigins;
        set => Change().CorsOrigins = value;
    }

    /// <summary>
    /// Whether answers by HTTPS tell browsers to come by HTTPS alone for the next year (Strict-Transport-Security, RFC 6797),
    /// also where the HTTPS is a trusted proxy's. Default false. One of that name in <see cref="ExtraHeaders"/> takes its place,
    /// for another time say.
    /// </summary>
    public bool Hsts
    {
        get => Options.Hsts;
        set => Change().Hsts = value;
    }

    /// <summary>
    /// Whether content goes out compressed to clients that take it; default <see cref="CompressionPolicy.On"/>. What the server
    /// compresses by itself is longer than 1 KiB and of a type that shrinks; what small files become is kept in memory. A
    /// Content-Encoding or an ETag among <see cref="ExtraHeaders"/> means that nothing is compressed.
    /// </summary>
    public CompressionPolicy Compression
    {
        get => Options.Compression;
        set => Change().Compression = value;
    }

    /// <summary>
    /// Whether directories can be downloaded with all that is below them: <c>?archive=zip</c> and <c>?archive=tar</c>, also where
    /// an index page stands for the listing. What a request would not find is not in the archive; what is there and cannot be
    /// read is told in the log, and by name in a file <c>httpserver-skipped.txt</c> at the archive's end. Default false.
    /// </summary>
    public bool Archive
    {
        get => Options.Archive;
        set => Change().Archive = value;
    }

    /// <summary>
    /// Whether clients may put files into <see cref="Directory"/>, default false: with PUT of the file's path, or with POST of a
    /// form (<c>multipart/form-data</c>) to a directory. A file is seen when it has arrived whole, never through a link, never in
    /// a CGI directory, and not in place of another one. A page of another origin may not, unless <see cref="CorsOrigins"/> names
    /// that origin. A class's own <c>DoPut</c> and <c>DoPost</c> come first.
    /// </summary>
    public bool AllowUpload
    {
        get => Options.AllowUpload;
        set => Change().AllowUpload = value;
    }

    /// <summary>Whether a file that is uploaded takes the place of another one of its name; default false: 409.</summary>
    public bool AllowOverwrite
    {
        get => Options.AllowOverwrite;
        set => Change().AllowOverwrite = value;
    }

    /// <summary>
    /// Whether pages in a browser are loaded anew when files below <see cref="Directory"/> change; default false. A script is
    /// added to files of type <c>text/html</c>, to listings and to error pages, and listens to server-sent events at
    /// <c>/.well-known/httpserver/live-reload</c>. Pages are then sent whole, without ranges and not compressed, and clients keep
    /// nothing without asking, also with <see cref="CacheControl"/> and <see cref="ImmutableFiles"/> set. Changed style sheets
    /// alone are exchanged in the page. Names that begin with a dot, <c>node_modules</c>, logs and editors' temporary files do
    /// not count. Each page holds a connection: for servers that serve many at once.
    /// </summary>
    public bool LiveReload
    {
        get => Options.LiveReload;
        set => Change().LiveReload = value;
    }

    /// <summary>
    /// The segments of the request's path: split first and decoded then, so that <c>/a%2Fb</c> is the one segment <c>a/b</c>;
    /// what is no UTF-8 is U+FFFD. Dot segments have been resolved, and no encoded slash has one beside it. Null if the path is
    /// refused, with the status that <see cref="DoGet"/> answers.
    /// </summary>
    protected IReadOnlyList<string>? PathSegments => _exchange.FindTarget().Path?.RouteSegments;

    bool IStaticHandler.TranslatesPaths => _translatesPaths;

    bool IStaticHandler.ListsDirectories => _listsDirectories;

    bool IStaticHandler.GuessesTypes => _guessesTypes;

    bool IStaticHandler.HasInvoker => RequestInvoker is not null && OverridesNeedInvoker;

    ReadOnlySpan<byte> IStaticHandler.TargetBytes => TargetBytes;

    /// <inheritdoc cref="SiteOptions.HeavyWork"/>
    internal WorkLimits HeavyWork
    {
        get => Options.HeavyWork;
        set => Change().HeavyWork = value;
    }

    /// <inheritdoc cref="SiteOptions.NamesUploadsAtOnce"/>
    internal bool NamesUploadsAtOnce
    {
        get => Options.NamesUploadsAtOnce;
        set => Change().NamesUploadsAtOnce = value;
    }

    /// <inheritdoc cref="SiteOptions.Opened"/>
    internal Action<string>? Opened
    {
        get => Options.Opened;
        set => Change().Opened = value;
    }

    internal StaticExchange Exchange => _exchange;

    private protected override bool SendsHeadersAsGiven => base.SendsHeadersAsGiven && ExtraHeaders.Count == 0;

    /// <summary>The verbs for an Allow header.</summary>
    private protected virtual IEnumerable<string> Verbs =>
        AllowUpload ? Methods.Verbs.Union(["POST", "PUT"]).Order(StringComparer.Ordinal) : Methods.Verbs;

    /// <summary>Answers GET with a file, a listing or a redirect.</summary>
    public virtual ValueTask DoGet() =>
        Cycle.Pending.Add(!InlineCompletions.IsEnabled || TryPrepare() ? _answer.SendAsync() : _answer.OffloadAsync());

    /// <summary>Answers HEAD with the head that GET would have.</summary>
    public virtual ValueTask DoHead() => DoGet();

    /// <summary>Answers OPTIONS, for <c>*</c> too, with the methods there are.</summary>
    public virtual void DoOptions()
    {
        if (TrySendPreflight(AllowUpload && IsCrossOrigin() ? Methods.Verbs : Verbs))
            return;
        SendResponse(204);
        SendHeader("Allow", string.Join(", ", Verbs));
        EndHeaders();
    }

    /// <inheritdoc/>
    public override void EndHeaders()
    {
        if (Status >= 200)
        {
            if (FindSite().Cors is { } cors)
            {
                // Caches need Vary also on answers to origins that are not allowed.
                if (!cors.NamesAll)
                    _exchange.VaryBy("Origin");
                cors.SendHeaders(this);
            }

            if (Hsts && IsSecure)
                SendHeader("Strict-Transport-Security", HstsPolicy);
            // A Vary among the extra headers stays beside this one: several fields count as one list.
            if (_exchange.Vary.Length > 0)
                base.SendHeader("Vary", _exchange.Vary);
            if (Status == 405 && _exchange.IsMethodRefused)
                base.SendHeader("Allow", string.Join(", ", Verbs));
            for (var at = 0; at < ExtraHeaders.Count; at++)
                base.SendHeader(ExtraHeaders[at].Key, ExtraHeaders[at].Value);
        }

        base.EndHeaders();
    }

    /// <inheritdoc/>
    public override void SendHeader(string keyword, string value)
    {
        if (ExtraHeaders.Count == 0 || !FindSite().Replaces(keyword))
            base.SendHeader(keyword, value);
    }

    /// <summary>
    /// Answers with a file, wherever it lies: with its validators, and with 304, 206, 412 or 416 as the request's conditions and
    /// ranges want. 404 if it cannot be opened. For a method other than GET and HEAD the whole file is sent.
    /// </summary>
    /// <param name="path">The file; a directory is not sent.</param>
    /// <param name="contentType">Its Content-Type; null to go by its name.</param>
    public ValueTask SendFileAsync(string path, string? contentType = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = System.IO.Path.GetFullPath(path);
        return Cycle.Pending.Add(_answer.SendBodyAsync(_exchange.FileAnswer.SendAnywhere(path, contentType),
            () => _exchange.FileAnswer.SendAnywhere(path, contentType)));
    }

    /// <summary>
    /// Why <see cref="FallbackPage"/> cannot be sent, in words for the user who has set it: it is not there, lies outside of
    /// <see cref="Directory"/>, or is a link that <see cref="Symlinks"/> does not follow.
    /// </summary>
    /// <returns>Null if all is well, or there is none.</returns>
    public string? FindFallbackProblem() => FallbackPage is { } page ? FindSite().FindProblemOf(page) : null;

    /// <summary>
    /// Removes what servers that were killed have left of uploads below <see cref="Directory"/>: files that were to be renamed
    /// when they are whole, and that no process writes into. Most file systems of Linux need no names for such files, and nothing
    /// stays. To be called when a server starts; else the first upload has it done.
    /// </summary>
    /// <remarks>Reads the directory and those below it on a thread of its own, up to a million names.</remarks>
    /// <param name="log">Told how many were removed, if any were.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>How many files were removed; 0 at once if <see cref="AllowUpload"/> is false.</returns>
    public Task<int> RemoveAbandonedUploadsAsync(IHttpLog? log = null, CancellationToken cancellationToken = default) =>
        FindSite().Uploads?.RemoveAbandonedAsync(log, cancellationToken) ?? Task.FromResult(0);

    /// <summary>Answers a preflight of <see cref="CorsOrigins"/>.</summary>
    /// <param name="methods">The methods that the path takes.</param>
    /// <returns>False if the request is none; then it is still to be answered.</returns>
    protected bool TrySendPreflight(IEnumerable<string> methods)
    {
        if (!IsPreflight())
            return false;
        CorsPolicy.SendPreflight(this, methods);
        return true;
    }

    /// <summary>
    /// Whether a page of another origin may have had the browser send the request with what it sends by itself (cross-site
    /// request forgery): a method that changes something, with a cookie, a password, a Kerberos ticket or a client's certificate,
    /// from an origin that is neither the server's nor one of <see cref="CorsOrigins"/>. Newer browsers say so in
    /// <c>Sec-Fetch-Site</c>, older ones in <c>Origin</c>; a client that sends neither is no browser.
    /// </summary>
    protected bool IsForgedCrossSite() => AmbientCredentials.MayBeIn(this, AuthType) && IsCrossOrigin();

    /// <summary>
    /// The methods that a preflight is told before the password has been asked for: all that the server knows, for every path, so
    /// that the answer says nothing of the path.
    /// </summary>
    protected virtual IEnumerable<string> GetKnownMethods() => AllowUpload && IsCrossOrigin() ? Methods.Verbs : Verbs;

    /// <summary>
    /// Answers a method that the server knows, and files do not take: 405, with the methods that they take in Allow, where GET
    /// would find something, and 404 elsewhere.
    /// </summary>
    protected async ValueTask RefuseMethodAsync()
    {
        // Looking at the disk may wait for it.
        await Task.Yield();
        _exchange.RefuseMethod();
    }

    /// <summary>
    /// The file that a request path means (Python: <c>translate_path</c>): decoded, cleaned of dot segments, below
    /// <see cref="Directory"/>. An override may map paths elsewhere; what it returns outside the directory is served as it is.
    /// </summary>
    /// <param name="path">A request path, with or without a query.</param>
    /// <returns>A full path, with a separator at its end if the request path has one; null if the path means nothing that could
    /// be served.</returns>
    protected virtual string? TranslatePath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return FindSite().PathOf(path);
    }

    /// <summary>The Content-Type of a file by its name; <see cref="ExtensionsMap"/> goes before the built-in table.</summary>
    /// <param name="path">A path or a name.</param>
    protected virtual string GuessType(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return TypeMap.GuessType(path, Options);
    }

    /// <summary>
    /// Finds what the request asks for and sends the head of the answer (Python: <c>send_head</c>): a redirect for a directory
    /// without its slash, 404 for a path that cannot be opened, 304, 412 and 416 as conditions and ranges want.
    /// </summary>
    /// <returns>What the body is to be; null if the answer is complete.</returns>
    protected virtual FileContent? SendHead() => _exchange.SendHead();

    /// <summary>
    /// Sends the head of a directory's listing (Python: <c>list_directory</c>): as a page, or as JSON or text if the query's
    /// <c>format</c> or else the Accept header wants that; in the order of the query's <c>sort</c>. With <see cref="Archive"/>,
    /// also of what the query's <c>archive</c> wants.
    /// </summary>
    /// <param name="path">The directory.</param>
    /// <returns>The listing; null if the answer is complete: 404 for a directory that cannot be read, 400 for an unknown
    /// format.</returns>
    protected virtual FileContent? ListDirectory(string path) => _exchange.DirectoryAnswer.ListDirectory(path);

    /// <summary>Sends a file's content (Python: <c>copyfile</c>).</summary>
    /// <param name="source">What <see cref="SendHead"/> returned.</param>
    /// <param name="outputFile">Where to; <see cref="BaseHttpRequestHandler.Wfile"/>.</param>
    protected virtual ValueTask CopyFileAsync(FileContent source, Stream outputFile)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.CopyToAsync(outputFile);
    }

    /// <inheritdoc/>
    protected override Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command) =>
        base.FindMethod(command) ?? (AllowUpload ? FindUploadMethod(command) : null);

    AccessView? IStaticHandler.View => Cycle.Request.View;

    string? IStaticHandler.TranslatePath(string path) => TranslatePath(path);

    string IStaticHandler.GuessType(string path) => GuessType(path);

    FileContent? IStaticHandler.SendHead() => SendHead();

    ValueTask IStaticHandler.CopyFileAsync(FileContent content) => CopyFileAsync(content, Wfile);

    void IStaticHandler.RestartAnswer() => Cycle.Restart();

    FileContent? IStaticHandler.ListDirectory(string path) => ListDirectory(path);

    bool IStaticHandler.PrefersProblemDetails() => PrefersProblemDetails();

    StaticSite IStaticHandler.FindSite() => FindSite();

    internal override bool TryPrepare() => _exchange.TryPrepare();

    internal override void BeginExchange() => _exchange.Reset();

    internal override bool IsPreflight() => CorsOrigins.Count > 0 && CorsPolicy.IsPreflight(this);

    internal override void AnswerPreflight() => TrySendPreflight(GetKnownMethods());

    /// <summary>Live reload's own paths are no files, and no subclass answers them.</summary>
    internal override Func<BaseHttpRequestHandler, ValueTask>? FindReservedMethod()
    {
        if (!LiveReload || Command is not ("GET" or "HEAD") || _exchange.FindTarget().Url is not { } url)
            return null;
        if (LiveReloadEndpoint.IsScript(url))
            return static handler => LiveReloadEndpoint.SendScriptAsync(handler);
        return LiveReloadEndpoint.IsEvents(url) ? static handler => ((SimpleHttpRequestHandler)handler).BeginEvents() : null;
    }

    /// <inheritdoc cref="HandlerSite.Change"/>
    private protected SiteOptions Change()
    {
        _exchange.ForgetSite();
        return _site.Change();
    }

    private protected SiteOptions Options => _site.Options;

    /// <inheritdoc cref="HandlerSite.Find"/>
    internal StaticSite FindSite() => _site.Find(IsBound ? Server as ISiteOwner : null);

    /// <inheritdoc/>
    private protected override void VaryBy(string header) => _exchange.VaryBy(header);

    /// <inheritdoc/>
    private protected override string FinishErrorPage(string page, int code, ref string policy)
    {
        // A client without a password gets no script either.
        if (!LiveReload || code is 401 || !LiveReloadPage.IsPage(ErrorContentType))
            return page;
        policy = LiveReloadPage.Allow(policy);
        return LiveReloadPage.AddTo(page);
    }

    /// <summary>The client is told 404 as of any other; the log says why.</summary>
    private protected void LogDenied(string path) => _exchange.LogDenied(path);

    /// <summary>Answers POST of a form to a directory.</summary>
    private protected ValueTask TakeFormAsync() => UploadRequest.ReceiveFormAsync(_exchange);

    private static Func<BaseHttpRequestHandler, ValueTask>? FindUploadMethod(string command) => command switch
    {
        "PUT" => static handler => UploadRequest.ReceiveFileAsync(((SimpleHttpRequestHandler)handler)._exchange),
        "POST" => static handler => ((SimpleHttpRequestHandler)handler).TakeFormAsync(),
        _ => null,
    };

    private protected override bool IsCrossOrigin() => UploadRequest.IsCrossOrigin(this);

    private ValueTask BeginEvents()
    {
        Cycle.KeepAlive.Disable(CloseReason.BodyWithoutLength);
        LiveReloadEndpoint.SendEventsHead(this);
        if (Command != "HEAD")
            Cycle.Pending.ContinueWith(() => FindSite().LiveReload!.SendEventsAsync(this));
        return default;
    }
}
