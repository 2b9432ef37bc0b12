using System.Diagnostics;
using Http.Server.Files;
using Http.Server.Headers;
using Http.Server.MediaTypes;
using Http.Server.Protocol;
using Http.Server.StaticFiles;
using Http.Server.Work;

namespace Http.Server;

/// <content>Answers that keep a processor: listings that have to be made, and archives.</content>
public partial class SimpleHttpRequestHandler
{
    /// <summary>How much of such work is done at once; a test has limits of its own.</summary>
    internal WorkLimits HeavyWork { get; set; } = WorkLimits.Shared;

    /// <summary>Bytes of a file whose compression is left to threads for such work: of fewer it takes a millisecond or two.</summary>
    private const int SmallestHeavy = 32 * 1024;

    /// <summary>The gate before a request's answer; null for what is answered from memory or by sending a file.</summary>
    private WorkGate? FindGate()
    {
        // A host may have bound the class's own methods to a thread.
        if (RequestInvoker is not null)
            return null;
        var target = FindTarget();
        if (HasFoundContent || (target is not null && !WantsArchive(target) && HasCurrentContent()))
            return HasToCompress(_current!) ? HeavyWork.Compressions : null;
        if (target?.Url is not { } url || target.FilePath is not { } path || (HideDotfiles && url.HasHiddenSegment))
            return null;
        var isArchive = WantsArchive(target);
        var namesDirectory = url.HasTrailingSlash;
        if (!isArchive && !namesDirectory && !MayCompress(path))
            return null;
        if (_translatesPaths)
        {
            if (TranslatePath(Path) is not { } own)
                return null;
            (path, namesDirectory) = (System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(own)), System.IO.Path.EndsInDirectorySeparator(own));
        }

        if (!isArchive && namesDirectory && target.Listing.HasUnknownFormat)
            return null;
        var opened = OpenEntry(path);
        opened.Handle?.Dispose();
        if (opened.Kind != EntryKind.Directory)
            return !namesDirectory && HasToCompress(opened, path) ? HeavyWork.Compressions : null;
        if (isArchive)
            return HeavyWork.Archives;
        if (!namesDirectory)
            return null;
        List<string>? denied = null;
        if (FindIndexPage(path, ref denied) is not var (page, file, _))
            return HeavyWork.Listings;
        page.Handle?.Dispose();
        return HasToCompress(page, file) ? HeavyWork.Compressions : null;
    }

    /// <summary>Whether the client takes a file of this name compressed, and nobody has done that beforehand.</summary>
    private bool MayCompress(string path) =>
        Compression == CompressionPolicy.On && IsNegotiated && ReadAcceptedCodings() is { IsPresent: true } accepted
        && accepted.Prefer(ContentCoding.Brotli, ContentCoding.Gzip) != ContentCoding.Identity
        && (_guessesTypes || CompressibleTypes.Contains(GuessType(path)));

    private bool HasToCompress(in OpenedEntry opened, string path) =>
        opened.Kind == EntryKind.File && opened.Stamp.Size is >= SmallestHeavy and <= LargestCached && MayCompress(path);

    /// <summary>The same of what is in memory: whether the client gets something that is not.</summary>
    private bool HasToCompress(CachedContent cached)
    {
        if (cached.Content.Length < SmallestHeavy || (_representationRequest == RequestNumber && ReferenceEquals(_representationOf, cached.Content)))
            return false;
        return MayCompress(cached.Path) && !HasRepresentation(cached);
    }

    /// <summary>Answers behind a gate, on threads for such work.</summary>
    private async ValueTask AnswerBehindAsync(WorkGate gate)
    {
        var askedAt = Stopwatch.GetTimestamp();
        if (!gate.TryEnter() && !await WaitWithClientAsync(gate.EnterAsync).ConfigureAwait(false))
        {
            SendError(RequestFault.TooBusy.Status, null, RequestFault.TooBusy.Reason + ".");
            return;
        }

        var isInside = true;
        try
        {
            await WorkThreads.Shared.NextTurn();
            _listingAskedAt = askedAt;
            var content = SendHead();
            // What has been made takes no more than a file to be sent.
            if (gate != HeavyWork.Archives)
            {
                gate.Leave();
                isInside = false;
                await WorkThreads.Leave();
            }

            await SendBodyAsync(content).ConfigureAwait(false);
        }
        finally
        {
            _listingAskedAt = long.MaxValue;
            if (isInside)
                gate.Leave();
            await WorkThreads.Leave();
        }
    }
}
