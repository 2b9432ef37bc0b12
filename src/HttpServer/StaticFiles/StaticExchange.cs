using System.Text;
using Http.Server.Archives;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.Listings;
using Http.Server.LiveReload;

namespace Http.Server.StaticFiles;

/// <summary>
/// All state of one request for a file. A handler has one, which is reset before each request, so that a small answer makes no
/// object.
/// </summary>
internal sealed class StaticExchange(IStaticHandler handler)
{
    /// <summary>In the order of <see cref="ListingFormat"/>, which is that of preference.</summary>
    private static readonly string[] ListingTypes = ["text/html", "application/json", "text/plain"];

    private StaticSite? _site;
    private StaticTarget? _target;
    private CachedContent? _stored;
    private PreparedChoice _prepared;
    private AcceptedCodings _codings;
    private bool _hasCodings;
    private ListingFormat? _format;
    private string _vary = "";
    private (string One, string Other, string Both) _lastVary = ("", "", "");
    private List<ByteRange>? _ranges;

    public IStaticHandler Handler => handler;

    /// <summary>The site that answers; known from the first look at it on.</summary>
    public StaticSite Site => _site ?? throw new InvalidOperationException("The site is found before it is used.");

    public SiteOptions Options => Site.Options;

    /// <summary>The answer is 405 with the verbs that a file takes.</summary>
    public bool IsMethodRefused { get; set; }

    /// <summary>
    /// When the request has begun to wait for its turn, as a Stopwatch counts; the largest number if it has
    /// not.
    /// </summary>
    public long AskedAt { get; set; } = long.MaxValue;

    /// <summary>Begins the next request.</summary>
    public void Reset()
    {
        _stored = null;
        _prepared = default;
        _hasCodings = false;
        _format = null;
        _vary = "";
        IsMethodRefused = false;
    }

    /// <summary>Forgets what depends on the handler's options, which have changed.</summary>
    public void ForgetSite()
    {
        _site = null;
        _target = null;
        _stored = null;
        _prepared = default;
    }

    /// <summary>The site for the handler's options.</summary>
    public StaticSite FindSite() => _site ??= handler.FindSite();

    /// <summary>The meaning of the request's target; the same object for as long as the target is the same.</summary>
    public StaticTarget FindTarget()
    {
        var bytes = handler.TargetBytes;
        if (bytes.IsEmpty)
            bytes = "/"u8;
        if (_target is { } known && bytes.SequenceEqual(known.Target))
            return known;
        return _target = FindSite().Targets.Get(bytes);
    }

    /// <summary>What the client says of codings, read once a request.</summary>
    public AcceptedCodings FindAcceptedCodings()
    {
        if (_hasCodings)
            return _codings;
        _hasCodings = true;
        return _codings = AcceptedCodings.Read(handler.Connection.Input.Head, handler.Connection.Input.HeadBytes);
    }

    /// <summary>Whether the target, if it is a directory's, asks for its archive and may have it.</summary>
    public bool WantsArchive(StaticTarget target) => Options.Archive && target.Listing.Archive is not null;

    /// <summary>
    /// Finds out whether the answer can be sent without waiting for anything: its content is in memory, in the representation
    /// that the client gets. What is found is kept for <see cref="SendHead"/>.
    /// </summary>
    public bool TryPrepare()
    {
        if (FindStored() is not { } stored)
            return false;
        _prepared = default;
        if (!Site.IsNegotiated)
            return true;
        // A guess of the class's own may take its time.
        if (handler.GuessesTypes)
            return false;
        var candidate = CandidateOf(stored);
        if (!Representations.TryChoose(this, candidate, mayWait: false, out var chosen, out var varies))
            return false;
        _prepared = new(stored.Content, chosen, varies);
        return true;
    }

    /// <summary>Takes what <see cref="TryPrepare"/> has found for content.</summary>
    public bool TryTakePrepared(in Candidate candidate, out FileContent? chosen, out bool varies)
    {
        (var content, chosen, varies) = _prepared;
        // An idle connection keeps nothing.
        _prepared = default;
        return ReferenceEquals(content, candidate.Content);
    }

    /// <summary>Whether <see cref="TryPrepare"/> has found what the client gets for content.</summary>
    public bool IsPrepared(CachedContent stored) => ReferenceEquals(_prepared.Content, stored.Content);

    /// <summary>The answer's content in memory, if it still holds; it is kept for <see cref="TakeStored"/>.</summary>
    public CachedContent? FindStored()
    {
        var target = FindTarget();
        var stored = target.Cached;
        return _stored = stored is not null && Serves(target, stored)
            && stored.IsCurrent(handler.Connection.Clock.Milliseconds) ? stored : null;
    }

    /// <summary>The same, and nothing is kept.</summary>
    public CachedContent? TakeStored()
    {
        var stored = IsStillStored() ? _stored : FindStored();
        _stored = null;
        return stored;
    }

    /// <summary>Whether <see cref="FindStored"/> has found content, which is still that of the target.</summary>
    public bool IsStillStored() =>
        // An overriding class may have changed an option since it was found.
        _stored is not null && FindTarget() is var target && target.Cached == _stored && Serves(target, _stored);

    /// <summary>
    /// Says in Vary that the answer depends on a header of the request: once for each header, in one field at the end of
    /// the head.
    /// </summary>
    public void VaryBy(string header)
    {
        if (_vary.Length == 0)
        {
            _vary = header;
            return;
        }

        foreach (var known in _vary.AsSpan().Split(", "))
        {
            if (_vary.AsSpan(known).SequenceEqual(header))
                return;
        }

        // The next request's answer mostly depends on the same.
        if (!ReferenceEquals(_lastVary.One, _vary) || !ReferenceEquals(_lastVary.Other, header))
            _lastVary = (_vary, header, $"{_vary}, {header}");
        _vary = _lastVary.Both;
    }

    /// <summary>The value of Vary; empty if the answer depends on no header.</summary>
    public string Vary => _vary;

    public void LogDenied(string path) => handler.LogMessage("No permission to read {0}", path);

    /// <summary>Finds what the request asks for and sends the head of the answer.</summary>
    /// <returns>What the body is to be; null if the answer is complete.</returns>
    public FileContent? SendHead()
    {
        FindSite();
        var found = Locator.Locate(this);
        // In a directory that may not be read no page may be: that is said once, with the listing.
        if (found.Kind != ResolutionKind.Directory)
            LogDenied(found.Denied);
        return found.Kind switch
        {
            ResolutionKind.Malformed => Responder.Fail(handler, 400, "Bad request path"),
            ResolutionKind.Stored when found.Stored!.Shape is null => Send(CandidateOf(found.Stored)),
            ResolutionKind.Stored => SendListing(found.Stored.Content, found.Stored),
            ResolutionKind.File => SendOpened(found, mayKeep: true),
            ResolutionKind.Substitute => SendOpened(found, mayKeep: false),
            ResolutionKind.Directory => SendDirectory(found),
            ResolutionKind.Redirect => Responder.Redirect(handler, FindTarget().Url!),
            ResolutionKind.MissingWithPage => SendMissingPage(found),
            _ => Responder.Fail(handler, 404, "File not found"),
        };
    }

    /// <summary>Sends the head for a file that lies anywhere.</summary>
    public FileContent? SendFileHead(string path, string? contentType)
    {
        FindSite();
        var opened = ContentRoot.OpenAnywhere(path);
        if (opened.Kind != EntryKind.File)
        {
            opened.Handle?.Dispose();
            return Responder.Fail(handler, 404, "File not found");
        }

        var content = FileContent.OfOpened(opened.Handle!, opened.Stamp, MimeTypes.GuessType(path), handler.RequestTime);
        try
        {
            return Send(new(content, path, contentType ?? TypeOf(content, path), IsAnywhere: true));
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Sends the head of a directory's listing, or of its archive if the query wants that.</summary>
    /// <param name="path">The directory.</param>
    public FileContent? ListDirectory(string path)
    {
        FindSite();
        var target = FindTarget();
        if (target.Url is null)
            return Responder.Fail(handler, 404, "File not found");
        if (WantsArchive(target))
            return SendArchive(target, path, target.Listing.Archive!.Value);
        if (target.Listing.HasUnknownFormat)
            return Responder.Fail(handler, 400, "Unknown format of a listing", "The parameter format is html, json or text.");
        var made = Site.Listings.Make(target.Url, path, target.Listing, ShapeOf(target), handler.Connection.Clock, AskedAt);
        return made.Content is { } listing ? SendListing(listing, stored: null) : RefuseListing(path, made.Fault);
    }

    /// <summary>
    /// The way of a file: the representation, preconditions, ranges, and the head of the answer (RFC 9110, section
    /// 13.2.2).
    /// </summary>
    private FileContent? Send(in Candidate candidate)
    {
        if (Representations.Choose(this, candidate) is not { } content)
            return Responder.Fail(handler, 406);
        try
        {
            return Send(content, candidate.Path!, candidate.Type);
        }
        catch when (!ReferenceEquals(content, candidate.Content))
        {
            content.Dispose();
            throw;
        }
    }

    private FileContent? Send(FileContent content, string path, string type)
    {
        Span<byte> etag = stackalloc byte[128];
        // Two versions of a fresh file could have the same tag, so it matches none that a client has.
        etag = content.IsFresh ? default : etag[..Encoding.ASCII.GetBytes(content.ETag, etag)];
        var now = handler.RequestTime;
        var conditions = ConditionalHeaders.Read(handler.Connection.Input.Head, handler.Connection.Input.HeadBytes,
            out var range);
        switch (Preconditions.Evaluate(conditions, etag, content.LastModifiedUtc, now, handler.Command is "GET" or "HEAD"))
        {
            case PreconditionOutcome.NotModified:
                return Responder.SendNotModified(handler, Options, content, path);
            case PreconditionOutcome.Failed:
                content.Dispose();
                return Responder.Fail(handler, 412);
        }

        // A date does not tell representations apart, so it is no validator of one that is compressed; nor of one that may have
        // got it from another.
        var modified = content.Coding == ContentCoding.Identity && content.Stamp.HasTrueDate ? content.LastModifiedUtc : default;
        if (!range.IsEmpty && content.IsWhole && handler.Command == "GET" && content.Length >= 0
            && Preconditions.RangeHolds(conditions, etag, modified, now))
        {
            switch (RangeHeader.Parse(range, content.Length, _ranges ??= []))
            {
                // A multipart body is not compressed, only its parts would be, and no client is known to see that.
                case RangeOutcome.Satisfiable when _ranges.Count == 1 || content.Coding == ContentCoding.Identity:
                    return Responder.SendRanges(handler, Options, content, path, type, _ranges);
                case RangeOutcome.Unsatisfiable:
                    return Responder.SendUnsatisfiable(handler, Options, content, path);
            }
        }

        return Responder.SendWhole(handler, Options, content, path, type);
    }

    /// <summary>Sends a file that was opened, and keeps what is small in memory.</summary>
    /// <param name="found">The file.</param>
    /// <param name="mayKeep">It lies at the target's own place, where nothing else may appear.</param>
    private FileContent? SendOpened(in Resolution found, bool mayKeep)
    {
        var (path, opened) = (found.Path, found.Opened);
        var content = FileContent.OfOpened(opened.Handle!, opened.Stamp, MimeTypes.GuessType(path), handler.RequestTime);
        try
        {
            CachedContent? stored = null;
            var isFirst = found.IndexPage is null || ReferenceEquals(found.IndexPage, Options.IndexPages[0]);
            if (mayKeep && CachedContent.IsPossible && isFirst && !handler.TranslatesPaths
                && content is { Length: >= 0 and <= Representations.MaxStored, IsFresh: false }
                && opened.Stamp.IsSettled(handler.Connection.Clock.UtcNow) && content.Load() is { } loaded)
            {
                var beside = Site.IsNegotiated ? Representations.LoadPrecompressed(this, loaded, path) : null;
                stored = CachedContent.OfFile(path, opened.Stamp, handler.Connection.Clock.Milliseconds,
                    found.IndexPage is not null, loaded, beside);
                Keep(stored);
                content.Dispose();
                content = loaded;
            }

            return Send(new(content, path, TypeOf(content, path), stored));
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private FileContent? SendDirectory(in Resolution found)
    {
        var target = FindTarget();
        if (WantsArchive(target) || handler.ListsDirectories || target.Listing.HasUnknownFormat)
        {
            LogDenied(found.Denied);
            return handler.ListDirectory(found.Path);
        }

        var clock = handler.Connection.Clock;
        var now = clock.Milliseconds;
        var shape = ShapeOf(target);
        var made = Site.Listings.Make(target.Url!, found.Path, target.Listing, shape, clock, AskedAt);
        if (made.Content is not { } listing)
            return RefuseListing(found.Path, made.Fault);
        LogDenied(found.Denied);
        // What a link leads to, and an index page in another directory, come and go without a change of this directory's stamp.
        if (CachedContent.IsPossible && listing.IsShared && !made.HasLinks && !Options.HideDotfiles && !handler.TranslatesPaths
            && found.Opened.Stamp.IsSettled(clock.UtcNow) && Options.IndexPages.All(static page => !page.Contains('/')))
            Keep(CachedContent.OfListing(found.Path, found.Opened.Stamp, now, shape, listing));
        return SendListing(listing, stored: null);
    }

    private FileContent? SendListing(FileContent listing, CachedContent? stored)
    {
        var target = FindTarget();
        if (target.Listing.Format is null)
            VaryBy("Accept");
        if (Representations.Choose(this, new(listing, null, listing.ContentType, stored)) is not { } content)
            return Responder.Fail(handler, 406);
        handler.SendResponse(200);
        handler.SendHeader("Content-Type", listing.ContentType);
        Responder.SendCoding(handler, content);
        handler.SendHeader("Cache-Control", Responder.RevalidateAlways);
        if (ShapeOf(target) is { Format: ListingFormat.Html } shape)
        {
            var policy = shape.Uploads.Allowed ? ListingPage.UploadSecurityPolicy : ListingPage.SecurityPolicy;
            handler.SendHeader("Content-Security-Policy", Site.LiveReload is null ? policy : LiveReloadPage.Allow(policy));
        }

        handler.SendHeader("X-Content-Type-Options", "nosniff");
        handler.SendHeader("Referrer-Policy", "same-origin");
        handler.EndHeaders();
        return content;
    }

    private FileContent? SendArchive(StaticTarget target, string path, ArchiveFormat format)
    {
        var name = ArchiveName.OfTop(target.Url!.Segments);
        try
        {
            var walk = new ArchiveWalk(
                Site.Root, path, name, Options.Symlinks, Options.HideDotfiles,
                file => Site.Open(file), directory => Site.Open(directory, keepsDirectory: true));
            return ArchiveSender.SendHead(handler, walk, name, format);
        }
        catch (Exception exception) when (!handler.HasAnswered && PortableFiles.IsMissing(exception))
        {
            return RefuseListing(path, exception);
        }
    }

    private FileContent? RefuseListing(string path, Exception? fault)
    {
        if (fault is UnauthorizedAccessException)
            LogDenied(path);
        return Responder.Fail(handler, 404, "No permission to list directory");
    }

    private FileContent? SendMissingPage(in Resolution found)
    {
        var content = FileContent.OfOpened(found.Opened.Handle!, found.Opened.Stamp, MimeTypes.GuessType(found.Path),
            handler.RequestTime);
        try
        {
            var type = handler.GuessType(found.Path);
            if (Representations.Choose(this, new(content, found.Path, type)) is not { } chosen)
                return Responder.Fail(handler, 404, "File not found");
            content = chosen;
            handler.SendResponse(404, "File not found");
            handler.SendHeader("Content-Type", type);
            Responder.SendCoding(handler, content);
            handler.SendHeader("Cache-Control", Responder.RevalidateAlways);
            handler.EndHeaders();
            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private Candidate CandidateOf(CachedContent stored) => stored.Shape is null
        ? new(stored.Content, stored.Path, TypeOf(stored.Content, stored.Path), stored)
        : new(stored.Content, null, stored.Content.ContentType, stored);

    /// <summary>The type that goes by the built-in table is known with the content.</summary>
    private string TypeOf(FileContent content, string path) =>
        handler.GuessesTypes || Options.ExtensionsMap.Count > 0 || !ReferenceEquals(Options.DefaultContentType, MimeTypes.Default)
            ? handler.GuessType(path)
            : content.ContentType;

    /// <summary>Whether content that is kept is what this request gets.</summary>
    private bool Serves(StaticTarget target, CachedContent stored)
    {
        FindSite();
        if (handler.TranslatesPaths)
            return false;
        return stored.Shape is { } shape
            ? !handler.ListsDirectories && shape == ShapeOf(target)
            : !(stored.IsIndexPage && WantsArchive(target));
    }

    private void Keep(CachedContent content)
    {
        // A target that has lost its place is looked up anew by the next request.
        if (!Site.Targets.TryKeep(FindTarget(), content))
            _target = null;
    }

    private void LogDenied(List<string>? paths)
    {
        foreach (var path in paths ?? [])
            LogDenied(path);
    }

    /// <summary>What the listing that this request wants is like.</summary>
    private ListingShape ShapeOf(StaticTarget target) => new(
        target.Listing.Format ?? (_format ??= NegotiateFormat()),
        HasArchives: Options.Archive,
        Site.Uploads is { } uploads
        ? new(Allowed: true, uploads.Overwrites, handler.Server.Options.MaxRequestBodySize)
        : default);

    private ListingFormat NegotiateFormat()
    {
        var accept = AcceptHeader.Read(handler.Connection.Input.Head, handler.Connection.Input.HeadBytes);
        return accept.IsEmpty || accept.SequenceEqual("*/*"u8)
            ? ListingFormat.Html
            : (ListingFormat)AcceptHeader.Choose(accept, ListingTypes);
    }
}
