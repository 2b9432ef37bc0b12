using Http.Server.Files;
using Http.Server.StaticFiles.Sites;
using Http.Server.Work;

namespace Http.Server.StaticFiles;

/// <summary>
/// Tells answers that keep a processor, listings that have to be made, compression and archives, from those that do
/// not.
/// </summary>
internal static class HeavyAnswers
{
    /// <summary>
    /// Bytes of a file whose compression is left to threads for such work: of fewer it takes a millisecond or
    /// two.
    /// </summary>
    private const int MinHeavy = 32 * 1024;

    /// <summary>The gate before a request's answer; null for what is answered from memory or by sending a file.</summary>
    public static WorkGate? FindGate(StaticExchange exchange)
    {
        // A host may have bound the class's own methods to a thread.
        if (exchange.Handler.HasInvoker)
            return null;
        exchange.FindSite();
        var limits = exchange.Options.HeavyWork;
        var target = exchange.FindTarget();
        var isArchive = exchange.WantsArchive(target);
        if (!isArchive && (exchange.IsStillStored() || exchange.FindStored() is not null))
            return exchange.FindTarget().Cached is { } stored && HasToCompress(exchange, stored) ? limits.Compressions : null;
        if (target.Url is not { } url || target.FilePath is not { } path
            || (exchange.Options.HideDotfiles && url.HasHiddenSegment))
            return null;
        if (!isArchive && !url.HasTrailingSlash && !Representations.MayCompress(exchange, path))
            return null;
        if (Locator.FindPlace(exchange, target, out var namesDirectory) is not { } place)
            return null;
        if (!isArchive && namesDirectory && target.Listing.HasUnknownFormat)
            return null;
        var opened = exchange.Site.Open(place);
        opened.Handle?.Dispose();
        if (opened.Kind != EntryKind.Directory)
            return !namesDirectory && HasToCompress(exchange, opened, place) ? limits.Compressions : null;
        if (isArchive)
            return limits.Archives;
        if (!namesDirectory)
            return null;
        List<string>? denied = null;
        if (Locator.FindIndexPage(exchange, place, ref denied) is not var (page, file, _))
            return limits.Listings;
        page.Handle?.Dispose();
        return HasToCompress(exchange, page, file) ? limits.Compressions : null;
    }

    private static bool HasToCompress(StaticExchange exchange, in OpenedEntry opened, string path) =>
        opened.Kind == EntryKind.File && opened.Stamp.Size is >= MinHeavy and <= Representations.MaxStored
            && Representations.MayCompress(exchange, path);

    /// <summary>The same of what is in memory: whether the client gets something that is not.</summary>
    private static bool HasToCompress(StaticExchange exchange, CachedContent stored) =>
        stored.Content.Length >= MinHeavy && !exchange.IsPrepared(stored) && Representations.MayCompress(exchange, stored.Path)
            && !exchange.TryPrepare();
}
