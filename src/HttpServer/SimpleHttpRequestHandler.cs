using System.Text;
using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.Requests;
using Http.Server.StaticFiles;
using Http.Server.Transport;

namespace Http.Server;

/// <summary>
/// Serves files and directory listings from a directory; Python's <c>http.server.SimpleHTTPRequestHandler</c>. Answers carry
/// validators, honour ranges, and never leave the directory.
/// </summary>
public partial class SimpleHttpRequestHandler : BaseHttpRequestHandler
{
    private static readonly IReadOnlyList<string> DefaultIndexPages = ["index.html", "index.htm"];
    private static readonly IReadOnlyDictionary<string, string> NoExtensions = new Dictionary<string, string>();

    /// <summary>Answers to one request while the file that is asked for changes under each of them.</summary>
    private const int MostAttempts = 4;

    private readonly bool _translatesPaths;
    private readonly bool _listsDirectories;
    private readonly bool _guessesTypes;
    private ContentRoot? _root;
    private StaticTarget? _target;
    private string? _directory;
    private SymlinkPolicy _symlinks;
    private TrailingSlashPolicy _trailingSlash;
    private int _refusedRequest;

    static SimpleHttpRequestHandler() => VerbTable<BaseHttpRequestHandler>.Register(typeof(SimpleHttpRequestHandler), new(StringComparer.Ordinal)
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
    {
        ProtocolVersion = "HTTP/1.1";
        _translatesPaths = Methods.Overrides(nameof(TranslatePath));
        _listsDirectories = Methods.Overrides(nameof(ListDirectory));
        _guessesTypes = Methods.Overrides(nameof(GuessType));
    }

    /// <summary>The directory that is served; default the current one when it is first asked for.</summary>
    public string Directory
    {
        get => _directory ??= Environment.CurrentDirectory;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            (_directory, _root) = (value, null);
        }
    }

    /// <summary>Files that stand for their directory, in the order they are looked for; default <c>index.html</c>, <c>index.htm</c>.</summary>
    public IReadOnlyList<string> IndexPages { get; set; } = DefaultIndexPages;

    /// <summary>
    /// Types for extensions (with their dot, in any case) that differ from the built-in table; default none. <c>.tar.gz</c> counts as
    /// an extension before <c>.gz</c>, and <c>""</c> gives the type of files without a known one.
    /// </summary>
    public IReadOnlyDictionary<string, string> ExtensionsMap { get; set; } = NoExtensions;

    /// <summary>The type of files whose extension nobody knows; default <c>application/octet-stream</c>.</summary>
    public string DefaultContentType { get; set; } = MimeTypes.Default;

    /// <summary>What is done with symbolic links; default <see cref="SymlinkPolicy.Inside"/>.</summary>
    public SymlinkPolicy Symlinks
    {
        get => _symlinks;
        set => (_symlinks, _root) = (value, null);
    }

    /// <summary>
    /// Whether names that begin with a dot are 404 and left out of listings, links that lead to such names too; default false, as in Python.
    /// </summary>
    public bool HideDotfiles { get; set; }

    /// <summary>
    /// Headers for every answer, error pages included. One that this handler would send by itself, Cache-Control say, takes the place of
    /// its own.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> ExtraHeaders { get; set; } = [];

    private protected ContentRoot Root => _root ??= ContentRoot.Of(
        Directory, Symlinks, TrailingSlash == TrailingSlashPolicy.Never ? "slashless:" + RootKind : RootKind);

    /// <summary>Tells apart handlers that must not share what they remember of a directory.</summary>
    private protected virtual string RootKind => "";

    /// <summary>Answers GET with a file, a listing or a redirect.</summary>
    public virtual ValueTask DoGet() =>
        Finish(!InlineCompletions.IsEnabled || AnswersAtOnce ? AnswerAsync() : OffloadAsync());

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

    /// <summary>
    /// Answers a method that the server knows, and files do not take: 405, with the methods that they take in Allow, where GET would find
    /// something, and 404 elsewhere.
    /// </summary>
    protected async ValueTask RefuseMethodAsync()
    {
        // Looking at the disk may wait for it.
        await Task.Yield();
        if (FindTarget() is not { } target || (target.Url is null && IsMalformed(target)))
        {
            SendError(400, "Bad request path");
        }
        else if (Lies(target))
        {
            _refusedRequest = RequestNumber;
            SendError(405);
        }
        else
        {
            SendError(404, "File not found");
        }
    }

    /// <inheritdoc/>
    public override void EndHeaders()
    {
        if (Status >= 200)
        {
            if (CorsOrigins.Count > 0)
                SendCorsHeaders();
            if (Hsts && IsSecure)
                SendHeader("Strict-Transport-Security", HstsPolicy);
            SendVary();
            if (Status == 405 && _refusedRequest == RequestNumber)
                base.SendHeader("Allow", string.Join(", ", Verbs));
            foreach (var (name, value) in ExtraHeaders)
                base.SendHeader(name, value);
        }

        base.EndHeaders();
    }

    /// <inheritdoc/>
    public override void SendHeader(string keyword, string value)
    {
        if (ExtraHeaders.Count == 0 || !IsReplaced(keyword))
            base.SendHeader(keyword, value);
    }

    /// <summary>
    /// Answers with a file, wherever it lies: with its validators, and with 304, 206, 412 or 416 as the request's conditions and ranges
    /// want. 404 if it cannot be opened. For a method other than GET and HEAD the whole file is sent.
    /// </summary>
    /// <param name="path">The file; a directory is not sent.</param>
    /// <param name="contentType">Its Content-Type; null to go by its name.</param>
    public ValueTask SendFileAsync(string path, string? contentType = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = System.IO.Path.GetFullPath(path);
        return Finish(SendBodyAsync(OpenFile(path, contentType), path, contentType));
    }

    /// <summary>
    /// The segments of the request's path: split first and decoded then, so that <c>/a%2Fb</c> is the one segment <c>a/b</c>; what is no
    /// UTF-8 is U+FFFD. Dot segments have been resolved, and no encoded slash has one beside it. Null if the path is refused, with the
    /// status that <see cref="DoGet"/> answers.
    /// </summary>
    protected IReadOnlyList<string>? PathSegments => FindTarget()?.Path?.RouteSegments;

    /// <summary>
    /// The file that a request path means (Python: <c>translate_path</c>): decoded, cleaned of dot segments, below
    /// <see cref="Directory"/>. An override may map paths elsewhere; what it returns outside the directory is served as it is.
    /// </summary>
    /// <param name="path">A request path, with or without a query.</param>
    /// <returns>A full path, with a separator at its end if the request path has one; null if the path means nothing that could be served.</returns>
    protected virtual string? TranslatePath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        // Of a request path each character is a byte.
        if (path.AsSpan().ContainsAnyExceptInRange('\0', '\xff'))
            return null;
        if (UrlPath.TryParse(Encoding.Latin1.GetBytes(path), OperatingSystem.IsWindows(), out var url) != UrlPathFault.None || url!.FileFault != UrlPathFault.None || url.HasRawBytes)
            return null;
        var full = Root.PathOf(url.Segments);
        return url.HasTrailingSlash && !System.IO.Path.EndsInDirectorySeparator(full) ? full + System.IO.Path.DirectorySeparatorChar : full;
    }

    /// <summary>The Content-Type of a file by its name; <see cref="ExtensionsMap"/> goes before the built-in table.</summary>
    /// <param name="path">A path or a name.</param>
    protected virtual string GuessType(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = System.IO.Path.GetFileName(path);
        if (ExtensionsMap.Count > 0)
        {
            // The longest suffix first: .tar.gz before .gz. A dot at the start begins a hidden name, not an extension.
            for (var dot = name.IndexOf('.', Math.Min(1, name.Length)); dot >= 0; dot = name.IndexOf('.', dot + 1))
            {
                if (FindExtension(name.AsSpan(dot)) is { } type)
                    return MimeTypes.WithCharset(type);
            }
        }

        var known = MimeTypes.GuessType(name);
        if (!ReferenceEquals(known, MimeTypes.Default) || MimeTypes.TryGetType(System.IO.Path.GetExtension(name.TrimStart('.')), out _))
            return known;
        return ExtensionsMap.TryGetValue("", out var fallback) ? MimeTypes.WithCharset(fallback) : DefaultContentType;
    }

    /// <summary>Sends a file's content (Python: <c>copyfile</c>).</summary>
    /// <param name="source">What <see cref="SendHead"/> returned.</param>
    /// <param name="outputFile">Where to; <see cref="BaseHttpRequestHandler.Wfile"/>.</param>
    protected virtual ValueTask CopyFileAsync(FileContent source, Stream outputFile)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.CopyToAsync(outputFile);
    }

    private string? FindExtension(ReadOnlySpan<char> extension)
    {
        foreach (var (known, type) in ExtensionsMap)
        {
            if (extension.Equals(known, StringComparison.OrdinalIgnoreCase))
                return type;
        }

        return null;
    }

    /// <inheritdoc/>
    internal override bool AnswersAtOnce => HasCurrentContent() && HasRepresentation(_current!);

    private bool IsReplaced(string keyword)
    {
        foreach (var (name, _) in ExtraHeaders)
        {
            if (name.Equals(keyword, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private ValueTask AnswerAsync() => FindGate() is { } gate ? AnswerBehindAsync(gate) : SendBodyAsync(SendHead());

    /// <param name="content">What the head has promised; null if the answer is complete.</param>
    /// <param name="path">The file, for <see cref="SendFileAsync"/>; null for what <see cref="SendHead"/> finds.</param>
    /// <param name="contentType">Its type.</param>
    /// <param name="attempt">Counts the answers to the request, from 1.</param>
    private ValueTask SendBodyAsync(FileContent? content, string? path = null, string? contentType = null, int attempt = 1)
    {
        if (content is null)
            return default;
        if (Command == "HEAD")
        {
            content.Dispose();
            return default;
        }

        var copy = CopyFileAsync(content, Wfile);
        return content.IsShared ? copy : FinishBodyAsync(copy, content, path, contentType, attempt);
    }

    private async ValueTask FinishBodyAsync(ValueTask copy, FileContent content, string? path, string? contentType, int attempt)
    {
        try
        {
            using (content)
                await copy.ConfigureAwait(false);
            return;
        }
        catch (ContentCutException exception) when (exception.MayBePassing && attempt < MostAttempts && Connection.Output.TryRollBack())
        {
            // The file was written to between its opening and its reading: nothing of the answer has left, and the next one is right.
            RestartResponse();
        }

        await SendBodyAsync(path is null ? SendHead() : OpenFile(path, contentType), path, contentType, attempt + 1).ConfigureAwait(false);
    }

    /// <summary>Answers on a thread that may wait for the disk.</summary>
    private async ValueTask OffloadAsync()
    {
        await Task.Yield();
        await AnswerAsync().ConfigureAwait(false);
    }
}
