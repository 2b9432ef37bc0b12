using System.Text;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.StaticFiles.Sites;

namespace Http.Server.StaticFiles;

/// <summary>
/// Answers a request with a file: its representation, the request's conditions and ranges, and the head of the answer.
/// </summary>
internal sealed class FileAnswer(StaticExchange exchange)
{
    private List<ByteRange>? _ranges;

    private IStaticHandler Handler => exchange.Handler;

    private SiteOptions Options => exchange.Options;

    /// <summary>Sends the head for a file that lies anywhere.</summary>
    public FileContent? SendAnywhere(string path, string? contentType)
    {
        exchange.FindSite();
        var opened = ContentRoot.OpenAnywhere(path);
        if (opened.Kind != EntryKind.File)
        {
            opened.Handle?.Dispose();
            return Responder.Fail(Handler, 404, "File not found");
        }

        var content = FileContent.OfOpened(opened.Handle!, opened.Stamp, MimeTypes.GuessType(path), Handler.RequestTime);
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

    /// <summary>
    /// The way of a file: the representation, preconditions, ranges, and the head of the answer (RFC 9110, section
    /// 13.2.2).
    /// </summary>
    public FileContent? Send(in Candidate candidate)
    {
        if (Representations.Choose(exchange, candidate) is not { } content)
            return Responder.Fail(Handler, 406);
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
        var now = Handler.RequestTime;
        var conditions = ConditionalHeaders.Read(Handler.Connection.Input.Head, Handler.Connection.Input.HeadBytes,
            out var range);
        switch (Preconditions.Evaluate(conditions, etag, content.LastModifiedUtc, now, Handler.Command is "GET" or "HEAD"))
        {
            case PreconditionOutcome.NotModified:
                return Responder.SendNotModified(Handler, Options, content, path);
            case PreconditionOutcome.Failed:
                content.Dispose();
                return Responder.Fail(Handler, 412);
        }

        // A date does not distinguish representations, so it is no validator of a compressed one, nor of a file whose date may
        // have been copied from another file.
        var modified = content.Coding == ContentCoding.Identity && content.Stamp.HasTrueDate ? content.LastModifiedUtc : default;
        if (!range.IsEmpty && content.IsWhole && Handler.Command == "GET" && content.Length >= 0
            && Preconditions.RangeHolds(conditions, etag, modified, now))
        {
            switch (RangeHeader.Parse(range, content.Length, _ranges ??= []))
            {
                // A multipart body is not compressed, only its parts would be, and no client is known to see that.
                case RangeOutcome.Satisfiable when _ranges.Count == 1 || content.Coding == ContentCoding.Identity:
                    return Responder.SendRanges(Handler, Options, content, path, type, _ranges);
                case RangeOutcome.Unsatisfiable:
                    return Responder.SendUnsatisfiable(Handler, Options, content, path);
            }
        }

        return Responder.SendWhole(Handler, Options, content, path, type);
    }

    /// <summary>Sends a file that was opened, and keeps what is small in memory.</summary>
    /// <param name="found">The file.</param>
    /// <param name="mayKeep">It lies at the target's own place, where nothing else may appear.</param>
    public FileContent? SendOpened(in Resolution found, bool mayKeep)
    {
        var (path, opened) = (found.Path, found.Opened);
        var content = FileContent.OfOpened(opened.Handle!, opened.Stamp, MimeTypes.GuessType(path), Handler.RequestTime);
        try
        {
            CachedContent? stored = null;
            var isFirst = found.IndexPage is null || ReferenceEquals(found.IndexPage, Options.IndexPages[0]);
            if (mayKeep && CachedContent.IsPossible && isFirst && !Handler.TranslatesPaths
                && content is { Length: >= 0 and <= Representations.MaxStored, IsFresh: false }
                && opened.Stamp.IsSettled(Handler.Connection.Clock.UtcNow) && content.Load() is { } loaded)
            {
                var beside = exchange.Site.IsNegotiated ? Representations.LoadPrecompressed(exchange, loaded, path) : null;
                stored = CachedContent.OfFile(path, opened.Stamp, Handler.Connection.Clock.Milliseconds,
                    found.IndexPage is not null, loaded, beside);
                exchange.Keep(stored);
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

    /// <summary>Sends the page that stands for what is missing, with 404.</summary>
    public FileContent? SendMissingPage(in Resolution found)
    {
        var content = FileContent.OfOpened(found.Opened.Handle!, found.Opened.Stamp, MimeTypes.GuessType(found.Path),
            Handler.RequestTime);
        try
        {
            var type = Handler.GuessType(found.Path);
            if (Representations.Choose(exchange, new(content, found.Path, type)) is not { } chosen)
                return Responder.Fail(Handler, 404, "File not found");
            content = chosen;
            Handler.SendResponse(404, "File not found");
            Handler.SendHeader("Content-Type", type);
            Responder.SendCoding(Handler, content);
            Handler.SendHeader("Cache-Control", Responder.RevalidateAlways);
            Handler.EndHeaders();
            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Content in memory as a candidate to be sent.</summary>
    public Candidate CandidateOf(CachedContent stored) => stored.Shape is null
        ? new(stored.Content, stored.Path, TypeOf(stored.Content, stored.Path), stored)
        : new(stored.Content, null, stored.Content.ContentType, stored);

    /// <summary>The type that goes by the built-in table is known with the content.</summary>
    private string TypeOf(FileContent content, string path) =>
        Handler.GuessesTypes || Options.ExtensionsMap.Count > 0 || !ReferenceEquals(Options.DefaultContentType, MimeTypes.Default)
            ? Handler.GuessType(path)
            : content.ContentType;
}
