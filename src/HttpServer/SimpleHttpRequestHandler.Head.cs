using System.Text;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.Protocol;
using Http.Server.StaticFiles;
using Http.Server.Transport;

namespace Http.Server;

/// <content>From the request path to the head of the answer.</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>Files up to this size are kept in memory for as long as they do not change; larger ones are read each time.</summary>
    private const int LargestCached = 256 * 1024;

    private List<ByteRange>? _ranges;
    private CachedContent? _current;
    private int _currentRequest;

    /// <summary>
    /// Finds what the request asks for and sends the head of the answer (Python: <c>send_head</c>): a redirect for a directory without
    /// its slash, 404 for whatever cannot be opened, 304, 412 and 416 as conditions and ranges want.
    /// </summary>
    /// <returns>What the body is to be; null if the answer is complete.</returns>
    protected virtual FileContent? SendHead()
    {
        var target = FindTarget();
        if (target is null || IsMalformed(target))
        {
            SendError(400, "Bad request path");
            return null;
        }

        var url = target.Url;
        if (url is null || (HideDotfiles && url.HasHiddenSegment))
            return SendMissing(target);
        if (!_translatesPaths)
        {
            if (TakeCurrentContent() is not { } cached)
                return SendEntry(target, target.FilePath!, url.HasTrailingSlash);
            return cached.MissingPages is null ? SendFile(cached.Content, cached.Path, contentType: null) : SendListing(target, cached.Content);
        }

        var path = TranslatePath(Path);
        return path is null
            ? SendMissing(target)
            : SendEntry(target, System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path)), System.IO.Path.EndsInDirectorySeparator(path));
    }

    private static bool IsMalformed(StaticTarget target) =>
        target.Fault is UrlPathFault.NotAbsolute or UrlPathFault.BadEscape or UrlPathFault.ControlByte or UrlPathFault.LeavesRoot;

    /// <summary>Whether GET would find a file, a directory or a page at the path itself.</summary>
    private bool Lies(StaticTarget target)
    {
        if (target.Url is not { } url || (HideDotfiles && url.HasHiddenSegment))
            return false;
        var (path, namesDirectory) = (target.FilePath!, url.HasTrailingSlash);
        if (_translatesPaths)
        {
            if (TranslatePath(Path) is not { } own)
                return false;
            (path, namesDirectory) = (System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(own)), System.IO.Path.EndsInDirectorySeparator(own));
        }

        var opened = OpenEntry(path);
        opened.Handle?.Dispose();
        if (opened.Kind == EntryKind.Directory || (opened.Kind == EntryKind.File && !namesDirectory))
            return true;
        if (!CleanUrls || url.Segments.Count == 0 || FindPage(url.Segments) is not { } page)
            return false;
        page.Opened.Handle?.Dispose();
        return true;
    }

    private FileContent? NotFound()
    {
        SendError(404, "File not found");
        return null;
    }

    private FileContent? NotAcceptable()
    {
        SendError(406);
        return null;
    }

    /// <summary>The meaning of the request's target, looked up once a request.</summary>
    private protected StaticTarget? FindTarget()
    {
        var bytes = TargetBytes;
        if (bytes.IsEmpty)
            bytes = "/"u8;
        if (_target is { } known && bytes.SequenceEqual(known.Target) && _root is not null)
            return known;
        return _target = Root.Targets.Get(bytes, Root);
    }

    /// <summary>Whether the answer's content is in memory and still holds; what is found is kept for <see cref="TakeCurrentContent"/>.</summary>
    private bool HasCurrentContent()
    {
        var cached = FindTarget()?.Cached;
        _current = cached is not null && Serves(_target!, cached) && cached.IsCurrent(Connection.Clock.Milliseconds) ? cached : null;
        _currentRequest = RequestNumber;
        return _current is not null;
    }

    /// <summary><see cref="HasCurrentContent"/> has said yes to this request.</summary>
    private bool HasFoundContent => _current is not null && _currentRequest == RequestNumber;

    private CachedContent? TakeCurrentContent()
    {
        // A subclass may have changed a setting since the content was found.
        if (_current is null || !HasFoundContent || FindTarget()?.Cached != _current || !Serves(_target!, _current))
            HasCurrentContent();
        var cached = _current;
        _current = null;
        return cached;
    }

    /// <summary>Whether content that another handler object kept is what this one would send.</summary>
    private bool Serves(StaticTarget target, CachedContent cached) =>
        cached.MissingPages is { } missing
            ? !HideDotfiles && !_listsDirectories && (ReferenceEquals(missing, IndexPages) || missing.SequenceEqual(IndexPages))
                && cached.Shape == ShapeOf(target)
            : !(HideDotfiles && cached.LeadsToHidden) && (cached.IndexPage is null || (IndexPages.Count > 0 && IndexPages[0] == cached.IndexPage && !WantsArchive(target)));

    /// <param name="target">What was asked for.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="namesDirectory">The path ends in a separator: a file is not what it means.</param>
    private FileContent? SendEntry(StaticTarget target, string path, bool namesDirectory)
    {
        var opened = OpenEntry(path);
        // By the request's path, not by the one that an override made of it: "/" never redirects, whatever directory it stands for.
        if (opened.Kind == EntryKind.Directory && WantsArchive(target))
            return ListDirectory(path);
        if (opened.Kind == EntryKind.Directory)
            return TrailingSlash == TrailingSlashPolicy.Never && target.Url!.Segments.Count > 0 ? SendSlashless(target, path, opened.Stamp)
                : target.Url!.HasTrailingSlash ? SendDirectory(target, path, opened.Stamp) : Redirect(target.Url);
        if (opened.Kind == EntryKind.None || namesDirectory)
        {
            opened.Handle?.Dispose();
            if (opened.IsDenied)
                LogDenied(path);
            return SendMissing(target);
        }

        return SendOpened(target, opened, path, indexPage: null);
    }

    /// <summary>Answers for a directory whose index page has its address without a slash; a listing keeps its own.</summary>
    private FileContent? SendSlashless(StaticTarget target, string path, FileStamp stamp)
    {
        var hasSlash = target.Url!.HasTrailingSlash;
        List<string>? denied = null;
        if (FindIndexPage(path, ref denied) is not var (opened, file, page))
            return hasSlash ? SendDirectory(target, path, stamp) : Redirect(target.Url);
        LogDenied(denied);
        if (!hasSlash)
            return SendOpened(target, opened, file, page);
        opened.Handle?.Dispose();
        return Redirect(target.Url);
    }

    /// <param name="path">The directory.</param>
    /// <param name="denied">Gets the pages that are there and may not be read.</param>
    private (OpenedEntry Opened, string File, string Page)? FindIndexPage(string path, ref List<string>? denied)
    {
        foreach (var page in IndexPages)
        {
            var file = System.IO.Path.Join(path, page);
            var opened = OpenEntry(file);
            if (opened.Kind == EntryKind.File)
                return (opened, file, page);
            opened.Handle?.Dispose();
            if (opened.IsDenied)
                (denied ??= []).Add(file);
        }

        return null;
    }

    private void Keep(StaticTarget target, CachedContent content)
    {
        // A target that has lost its place is looked up anew by the next request.
        if (!Root.Targets.TryKeep(target, content))
            _target = null;
    }

    private protected virtual OpenedEntry OpenEntry(string path) => Open(path, keepsDirectory: false);

    /// <summary>As <see cref="OpenEntry"/>, and a directory has a handle to read its names with, where the system has such handles.</summary>
    private protected OpenedEntry OpenDirectory(string path) => Open(path, keepsDirectory: true);

    /// <summary>Whether <see cref="IsRefused"/> has anything to say.</summary>
    private protected virtual bool JudgesRealPaths => HideDotfiles;

    /// <summary>Whether nothing is served because of where links have led.</summary>
    /// <param name="path">What was asked for.</param>
    /// <param name="realPath">Where it really lies, free of links.</param>
    private protected virtual bool IsRefused(string path, string realPath) => HideDotfiles && Root.LeadsToHidden(path, realPath);

    private OpenedEntry Open(string path, bool keepsDirectory)
    {
        Func<string, bool>? isRefused = JudgesRealPaths ? real => IsRefused(path, real) : null;
        if (Root.Covers(path))
            return Root.Open(path, keepsDirectory, isRefused);
        // The override's own choice, outside the directory.
        var parent = System.IO.Path.GetDirectoryName(path);
        return parent is null ? OpenedEntry.None : ContentRoot.Of(parent, SymlinkPolicy.Follow).Open(path, keepsDirectory, isRefused);
    }

    private bool LeadsToHidden(string path) => !HideDotfiles && PortableFiles.Resolve(path, out _) is { } real && Root.LeadsToHidden(path, real);

    /// <summary>The client is told 404 as of any other; whoever looks after the server wants to know.</summary>
    private protected void LogDenied(string path) => LogMessage("No permission to read {0}", path);

    private void LogDenied(List<string>? paths)
    {
        foreach (var path in paths ?? [])
            LogDenied(path);
    }

    /// <summary>Redirects to the same path with a slash at its end, or without if it has one.</summary>
    private FileContent? Redirect(UrlPath url)
    {
        // Built from the canonical path alone, which has one slash at its start and no backslash: it stays on this host.
        SendResponse(301);
        SendHeader("Location", (url.HasTrailingSlash ? url.Encoded.TrimEnd('/') : url.Encoded + "/") + (url.Query.Length > 0 ? "?" + PercentEncoding.EncodeQuery(url.Query) : ""));
        SendHeader("Cache-Control", RevalidateAlways);
        SendHeader("Content-Length", "0");
        EndHeaders();
        return null;
    }

    private FileContent? SendOpened(StaticTarget target, OpenedEntry opened, string path, string? indexPage)
    {
        var content = FileContent.OfOpened(opened.Handle!, opened.Stamp, MimeTypes.GuessType(path), RequestTime);
        try
        {
            var isFirst = indexPage is null || ReferenceEquals(indexPage, IndexPages[0]);
            if (CachedContent.IsPossible && isFirst && !_translatesPaths && content is { Length: >= 0 and <= LargestCached, IsFresh: false }
                && opened.Stamp.IsSettled(Connection.Clock.UtcNow) && content.Load() is { } loaded)
            {
                if (IsNegotiated)
                    loaded.PrecompressedFiles = LoadNeighbours(loaded, path);
                Keep(target, CachedContent.OfFile(path, opened.Stamp, Connection.Clock.Milliseconds, indexPage, loaded, LeadsToHidden(path)));
                content.Dispose();
                content = loaded;
            }

            return SendFile(content, path, contentType: null);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Sends the head for a file that lies anywhere.</summary>
    private FileContent? OpenFile(string path, string? contentType)
    {
        var opened = OpenAnywhere(path);
        if (opened.Kind != EntryKind.File)
        {
            opened.Handle?.Dispose();
            return NotFound();
        }

        var content = FileContent.OfOpened(opened.Handle!, opened.Stamp, MimeTypes.GuessType(path), RequestTime);
        try
        {
            return SendFile(content, path, contentType, isAnywhere: true);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private static OpenedEntry OpenAnywhere(string path) =>
        System.IO.Path.GetDirectoryName(path) is { } parent ? ContentRoot.Of(parent, SymlinkPolicy.Follow).Open(path) : OpenedEntry.None;

    private string TypeOf(FileContent content, string path, string? contentType) =>
        contentType ?? (_guessesTypes || ExtensionsMap.Count > 0 || !ReferenceEquals(DefaultContentType, MimeTypes.Default)
            ? GuessType(path)
            : content.ContentType);

    private FileContent? SendFile(FileContent content, string path, string? contentType, bool isAnywhere = false)
    {
        var type = TypeOf(content, path, contentType);
        if (Represent(content, path, type, isAnywhere) is not { } representation)
            return NotAcceptable();
        if (ReferenceEquals(representation, content))
            return SendRepresentation(content, path, type);
        try
        {
            return SendRepresentation(representation, path, type);
        }
        catch
        {
            representation.Dispose();
            throw;
        }
    }

    private FileContent? SendRepresentation(FileContent content, string path, string type)
    {
        Span<byte> etag = stackalloc byte[128];
        // Two versions of a fresh file could have the same tag, so it matches none that a client has.
        etag = content.IsFresh ? default : etag[..Encoding.ASCII.GetBytes(content.ETag, etag)];
        var range = ReadConditions(out var conditions);
        var now = RequestTime;
        switch (Preconditions.Evaluate(conditions, etag, content.LastModifiedUtc, now, Command is "GET" or "HEAD"))
        {
            case PreconditionOutcome.NotModified:
                content.Dispose();
                SendResponse(304);
                SendValidators(content, path);
                EndHeaders();
                return null;
            case PreconditionOutcome.Failed:
                content.Dispose();
                SendError(412);
                return null;
        }

        // A date does not tell representations apart, so it is no validator of one that is compressed; nor of one that may have got it from another.
        var modified = content.Coding == ContentCoding.Identity && content.Stamp.HasTrueDate ? content.LastModifiedUtc : default;
        if (!range.IsEmpty && content.IsWhole && Command == "GET" && content.Length >= 0 && Preconditions.RangeHolds(conditions, etag, modified, now))
        {
            switch (RangeHeader.Parse(range, content.Length, _ranges ??= []))
            {
                // A multipart body is not compressed, only its parts would be, and no client is known to see that.
                case RangeOutcome.Satisfiable when _ranges.Count == 1 || content.Coding == ContentCoding.Identity:
                    return SendRanges(content, path, type, _ranges);
                case RangeOutcome.Unsatisfiable:
                    SendUnsatisfiable(content, path);
                    content.Dispose();
                    return null;
            }
        }

        SendResponse(200);
        SendHeader("Content-Type", type);
        SendCoding(content);
        SendValidators(content, path);
        if (content.IsWhole && content.Length >= 0)
            SendHeader("Accept-Ranges", "bytes");
        EndHeaders();
        return content;
    }

    /// <summary>Sends what tells the recipient how to read the body: its coding, and its length if that is known.</summary>
    private void SendCoding(FileContent content)
    {
        if (content.Coding != ContentCoding.Identity)
            SendHeader("Content-Encoding", ContentCodings.NameOf(content.Coding));
        if (content.Length >= 0)
            SendHeader("Content-Length", content.LengthText);
    }

    private FileContent SendRanges(FileContent content, string path, string type, List<ByteRange> ranges)
    {
        FileContent parts;
        SendResponse(206);
        if (ranges.Count == 1)
        {
            parts = new FileContent(content, [new ContentPart(default, ranges[0].Start, ranges[0].Length)]);
            SendHeader("Content-Type", type);
            SendHeader("Content-Range", RangeAnswer.ContentRange(ranges[0], content.Length));
        }
        else
        {
            parts = new FileContent(content, RangeAnswer.Multipart(ranges, content.Length, type, out var boundary));
            SendHeader("Content-Type", $"multipart/byteranges; boundary={boundary}");
        }

        SendCoding(parts);
        SendValidators(content, path);
        SendHeader("Accept-Ranges", "bytes");
        EndHeaders();
        return parts;
    }

    /// <summary>416 keeps the connection: unlike other errors it is part of a normal download's end, and its body is framed.</summary>
    private void SendUnsatisfiable(FileContent content, string path)
    {
        SendResponse(416);
        SendHeader("Content-Range", RangeAnswer.Unsatisfiable(content.Length));
        SendHeader("Content-Length", "0");
        SendValidators(content, path);
        EndHeaders();
    }

    private void SendValidators(FileContent content, string path)
    {
        if (content.ETag.Length > 0)
        {
            // A file dated in the future was changed now at the latest (RFC 9110, section 8.8.2.1).
            SendHeader("Last-Modified", content.LastModifiedUtc > RequestTime ? DateTimeString() : content.LastModified);
            SendHeader("ETag", content.ETag);
        }

        // A page that is loaded anew must not be made of what was kept.
        if (LiveReload)
            SendHeader("Cache-Control", RevalidateAlways);
        else if (ImmutableFiles.Count > 0 && IsImmutable(path))
            SendHeader("Cache-Control", ImmutableCacheControl);
        else if (CacheControl.Length > 0)
            SendHeader("Cache-Control", CacheControl);
    }

    /// <summary>Collects the conditional headers in one pass.</summary>
    /// <returns>The value of Range; empty if there is none.</returns>
    private ReadOnlySpan<byte> ReadConditions(out ConditionalHeaders conditions)
    {
        var bytes = HeadBytes;
        ReadOnlySpan<byte> range = default, match = default, noneMatch = default, modified = default, unmodified = default, ifRange = default;
        bool hasMatch = false, hasNoneMatch = false, hasModified = false, hasUnmodified = false, hasIfRange = false;
        foreach (ref readonly var header in Head.Headers)
        {
            // Every other header is told apart by its length or first letter.
            var name = header.Name.Of(bytes);
            if ((name[0] | 0x20) is not ('i' or 'r'))
                continue;
            var value = header.Value.Of(bytes);
            switch (name.Length)
            {
                case 5 when Ascii.EqualsIgnoreCase(name, "range"u8):
                    range = range.IsEmpty ? value : "repeated"u8;
                    break;
                case 8 when Ascii.EqualsIgnoreCase(name, "if-match"u8):
                    match = hasMatch ? Join(match, value) : value;
                    hasMatch = true;
                    break;
                case 8 when Ascii.EqualsIgnoreCase(name, "if-range"u8):
                    ifRange = hasIfRange ? default : value;
                    hasIfRange = true;
                    break;
                case 13 when Ascii.EqualsIgnoreCase(name, "if-none-match"u8):
                    noneMatch = hasNoneMatch ? Join(noneMatch, value) : value;
                    hasNoneMatch = true;
                    break;
                case 17 when Ascii.EqualsIgnoreCase(name, "if-modified-since"u8):
                    modified = hasModified ? default : value;
                    hasModified = true;
                    break;
                case 19 when Ascii.EqualsIgnoreCase(name, "if-unmodified-since"u8):
                    unmodified = hasUnmodified ? default : value;
                    hasUnmodified = true;
                    break;
            }
        }

        conditions = new ConditionalHeaders
        {
            IfMatch = match,
            HasIfMatch = hasMatch,
            IfNoneMatch = noneMatch,
            HasIfNoneMatch = hasNoneMatch,
            IfModifiedSince = modified,
            HasIfModifiedSince = hasModified,
            IfUnmodifiedSince = unmodified,
            HasIfUnmodifiedSince = hasUnmodified,
            IfRange = ifRange,
            HasIfRange = hasIfRange,
        };
        return range;
    }

    private static byte[] Join(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => [.. one, .. ", "u8, .. other];
}
