using Http.Server.Headers;
using Http.Server.StaticFiles.Sites;

namespace Http.Server.StaticFiles;

/// <summary>
/// All state of one request for a file. A handler has one, which is reset before each request, so that a small answer makes no
/// object.
/// </summary>
internal sealed class StaticExchange
{
    private readonly IStaticHandler _handler;
    private readonly VaryField _vary = new();
    private StaticSite? _site;
    private StaticTarget? _target;
    private CachedContent? _stored;
    private PreparedChoice _prepared;
    private AcceptedCodings _codings;
    private bool _hasCodings;

    public StaticExchange(IStaticHandler handler)
    {
        _handler = handler;
        FileAnswer = new FileAnswer(this);
        DirectoryAnswer = new DirectoryAnswer(this);
    }

    public IStaticHandler Handler => _handler;

    /// <summary>What answers with a file.</summary>
    public FileAnswer FileAnswer { get; }

    /// <summary>What answers for a directory.</summary>
    public DirectoryAnswer DirectoryAnswer { get; }

    /// <summary>The site that answers; known from the first look at it on.</summary>
    public StaticSite Site => _site ?? throw new InvalidOperationException("The site is found before it is used.");

    public SiteOptions Options => Site.Options;

    /// <summary>The answer is 405 with the verbs that a file takes.</summary>
    public bool IsMethodRefused { get; private set; }

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
        DirectoryAnswer.Reset();
        _vary.Reset();
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
    public StaticSite FindSite() => _site ??= _handler.FindSite();

    /// <summary>The meaning of the request's target; the same object for as long as the target is the same.</summary>
    public StaticTarget FindTarget()
    {
        var bytes = _handler.TargetBytes;
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
        return _codings = AcceptedCodings.Read(_handler.Connection.Input.Head, _handler.Connection.Input.HeadBytes);
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
        if (_handler.GuessesTypes)
            return false;
        var candidate = FileAnswer.CandidateOf(stored);
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
            && stored.IsCurrent(_handler.Connection.Clock.Milliseconds) ? stored : null;
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

    /// <summary>Says in Vary that the answer depends on a header of the request.</summary>
    public void VaryBy(string header) => _vary.Add(header);

    /// <summary>The value of Vary; empty if the answer depends on no header.</summary>
    public string Vary => _vary.Value;

    /// <summary>Logs that something is there and may not be read.</summary>
    public void LogDenied(string path) => _handler.LogMessage("No permission to read {0}", path);

    /// <summary>Logs the paths that are there and may not be read; null for none.</summary>
    public void LogDenied(List<string>? paths)
    {
        if (paths is null)
            return;
        foreach (var path in paths)
            LogDenied(path);
    }

    /// <summary>Keeps content in memory for the requests for the same target that follow.</summary>
    public void Keep(CachedContent content)
    {
        // A target that has lost its place is looked up anew by the next request.
        if (!Site.Targets.TryKeep(FindTarget(), content))
            _target = null;
    }

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
            ResolutionKind.Malformed => Responder.Fail(_handler, 400, "Bad request path"),
            ResolutionKind.Stored when found.Stored!.Shape is null => FileAnswer.Send(FileAnswer.CandidateOf(found.Stored)),
            ResolutionKind.Stored => DirectoryAnswer.SendListing(found.Stored.Content, found.Stored),
            ResolutionKind.File => FileAnswer.SendOpened(found, mayKeep: true),
            ResolutionKind.Substitute => FileAnswer.SendOpened(found, mayKeep: false),
            ResolutionKind.Directory => DirectoryAnswer.SendHead(found),
            ResolutionKind.Redirect => Responder.Redirect(_handler, FindTarget().Url!),
            ResolutionKind.MissingWithPage => FileAnswer.SendMissingPage(found),
            _ => Responder.Fail(_handler, 404, "File not found"),
        };
    }

    /// <summary>
    /// Answers a method that the server knows, and files do not take: 405 where GET would find something, and 404
    /// elsewhere.
    /// </summary>
    public void RefuseMethod()
    {
        FindSite();
        if (Locator.IsMalformed(FindTarget()))
        {
            _handler.SendError(400, "Bad request path");
        }
        else if (Locator.IsThere(this))
        {
            IsMethodRefused = true;
            _handler.SendError(405);
        }
        else
        {
            _handler.SendError(404, "File not found");
        }
    }

    /// <summary>Whether the user may read an index page, which may have rules of its own.</summary>
    private bool MayReadPage(StaticTarget target, CachedContent stored) => _handler.View is not { } view
        || view.MayReadBelow(target.Url!.Segments, System.IO.Path.GetRelativePath(target.FilePath!, stored.Path));

    /// <summary>Whether content that is kept is what this request gets.</summary>
    private bool Serves(StaticTarget target, CachedContent stored)
    {
        FindSite();
        if (_handler.TranslatesPaths)
            return false;
        return stored.Shape is { } shape
            ? !_handler.ListsDirectories && shape == DirectoryAnswer.ShapeOf(target)
            : !stored.IsIndexPage || (!WantsArchive(target) && MayReadPage(target, stored));
    }
}
