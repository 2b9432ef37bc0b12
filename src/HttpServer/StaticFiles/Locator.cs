using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.StaticFiles.Sites;

namespace Http.Server.StaticFiles;

/// <summary>Finds what a request's path means on the disk.</summary>
internal static class Locator
{
    /// <summary>Finds it; a file or directory that is not in memory is opened.</summary>
    public static Resolution Locate(StaticExchange exchange)
    {
        var target = exchange.FindTarget();
        if (IsMalformed(target))
            return new(ResolutionKind.Malformed);
        if (target.Url is not { } url || (exchange.Options.HideDotfiles && url.HasHiddenSegment))
            return LocateMissing(exchange, target);
        if (exchange.TakeStored() is { } stored)
            return new(ResolutionKind.Stored, stored.Path, Stored: stored);
        return FindPlace(exchange, target, out var namesDirectory) is { } path
            ? LocateEntry(exchange, target, url, path, namesDirectory)
            : LocateMissing(exchange, target);
    }

    /// <summary>Whether GET would find a file, a directory or a page at the path itself.</summary>
    public static bool IsThere(StaticExchange exchange)
    {
        var target = exchange.FindTarget();
        if (target.Url is not { } url || (exchange.Options.HideDotfiles && url.HasHiddenSegment)
            || FindPlace(exchange, target, out var namesDirectory) is not { } path)
            return false;
        var opened = exchange.Site.Open(path);
        opened.Handle?.Dispose();
        if (opened.Kind == EntryKind.Directory || (opened.Kind == EntryKind.File && !namesDirectory))
            return true;
        if (FindPage(exchange, url) is not var (page, _))
            return false;
        page.Handle?.Dispose();
        return true;
    }

    public static bool IsMalformed(StaticTarget target) => target.Url is null
        && target.Fault is UrlPathFault.NotAbsolute or UrlPathFault.BadEscape or UrlPathFault.ControlByte
            or UrlPathFault.LeavesRoot;

    /// <summary>The path on the disk, which an override may decide.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="target">Its target, which has a canonical path.</param>
    /// <param name="namesDirectory">The path ends in a separator: a file is not what it means.</param>
    /// <returns>Null if an override serves nothing there.</returns>
    public static string? FindPlace(StaticExchange exchange, StaticTarget target, out bool namesDirectory)
    {
        namesDirectory = target.Url!.HasTrailingSlash;
        if (!exchange.Handler.TranslatesPaths)
            return target.FilePath;
        if (exchange.Handler.TranslatePath(exchange.Handler.Path) is not { } own)
            return null;
        namesDirectory = System.IO.Path.EndsInDirectorySeparator(own);
        return System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(own));
    }

    /// <summary>Finds the first index page of a directory.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="path">The directory.</param>
    /// <param name="denied">Gets the pages that are there and may not be read.</param>
    public static (OpenedEntry Opened, string File, string Page)? FindIndexPage(StaticExchange exchange, string path,
        ref List<string>? denied)
    {
        var site = exchange.Site;
        foreach (var page in site.Options.IndexPages)
        {
            // One that the user may not read is as if it were not there.
            if (exchange.Handler.View?.MayReadBelow(exchange.FindTarget().Url!.Segments, page) == false)
                continue;
            var file = System.IO.Path.Join(path, page);
            var opened = site.Open(file);
            if (opened.Kind == EntryKind.File)
                return (opened, file, page);
            opened.Handle?.Dispose();
            if (opened.IsDenied)
                (denied ??= []).Add(file);
        }

        return null;
    }

    private static Resolution LocateEntry(StaticExchange exchange, StaticTarget target, UrlPath url, string path,
        bool namesDirectory)
    {
        var opened = exchange.Site.Open(path);
        if (opened.Kind == EntryKind.Directory)
        {
            if (exchange.WantsArchive(target))
                return new(ResolutionKind.Directory, path, opened);
            // The request's path decides, not the one that an override made of it: "/" never redirects.
            return exchange.Options.TrailingSlash == TrailingSlashPolicy.Never && url.Segments.Count > 0
                ? LocateSlashless(exchange, url, path, opened)
                : url.HasTrailingSlash ? LocateDirectory(exchange, path, opened) : new(ResolutionKind.Redirect);
        }

        if (opened.Kind == EntryKind.File && !namesDirectory)
            return new(ResolutionKind.File, path, opened);
        opened.Handle?.Dispose();
        var missing = LocateMissing(exchange, target);
        return opened.IsDenied ? missing with { Denied = [path, .. missing.Denied ?? []] } : missing;
    }

    private static Resolution LocateDirectory(StaticExchange exchange, string path, OpenedEntry directory)
    {
        List<string>? denied = null;
        return FindIndexPage(exchange, path, ref denied) is var (opened, file, page)
            ? new(ResolutionKind.File, file, opened, page) { Denied = denied }
            : new(ResolutionKind.Directory, path, directory) { Denied = denied };
    }

    /// <summary>A directory whose index page has its address without a slash; a listing keeps its own.</summary>
    private static Resolution LocateSlashless(StaticExchange exchange, UrlPath url, string path, OpenedEntry directory)
    {
        var found = LocateDirectory(exchange, path, directory);
        if (found.Kind == ResolutionKind.Directory)
            return url.HasTrailingSlash ? found : new(ResolutionKind.Redirect);
        if (!url.HasTrailingSlash)
            return found;
        found.Opened.Handle?.Dispose();
        return new(ResolutionKind.Redirect) { Denied = found.Denied };
    }

    /// <summary>What answers for a path where nothing lies.</summary>
    private static Resolution LocateMissing(StaticExchange exchange, StaticTarget target)
    {
        if (exchange.Handler.Command is not ("GET" or "HEAD"))
            return new(ResolutionKind.Missing);
        var (site, options) = (exchange.Site, exchange.Options);
        List<string>? denied = null;
        if (target.Url is { Segments.Count: > 0 } url && !(options.HideDotfiles && url.HasHiddenSegment))
        {
            if (HasNoExtension(url) && FindPage(exchange, url) is var (page, path))
            {
                if (url.HasTrailingSlash == (options.TrailingSlash == TrailingSlashPolicy.Always))
                    return new(ResolutionKind.Substitute, path, page);
                page.Handle?.Dispose();
                return new(ResolutionKind.Redirect);
            }

            if (options.FallbackPage is { } fallback && HasNoExtension(url) && MayRead(exchange, fallback)
                && TryOpenBelow(site, fallback, ref denied) is var (single, place))
                return new(ResolutionKind.Substitute, place, single);
        }

        return options.NotFoundPage is { } missing && MayRead(exchange, missing) && !exchange.Handler.PrefersProblemDetails()
            && TryOpenBelow(site, missing, ref denied) is var (own, at)
            ? new(ResolutionKind.MissingWithPage, at, own) { Denied = denied }
            : new(ResolutionKind.Missing) { Denied = denied };
    }

    /// <summary>The page of a clean URL.</summary>
    private static (OpenedEntry Opened, string Path)? FindPage(StaticExchange exchange, UrlPath url)
    {
        var (site, segments) = (exchange.Site, url.Segments);
        if (!site.Options.CleanUrls || segments.Count == 0
            || exchange.Handler.View?.MayReadBelow([.. segments.SkipLast(1)], segments[^1] + ".html") == false)
            return null;
        var path = site.Root.PathOf([.. segments.Take(segments.Count - 1), segments[^1] + ".html"]);
        var opened = site.Open(path);
        if (opened.Kind == EntryKind.File)
            return (opened, path);
        opened.Handle?.Dispose();
        return null;
    }

    /// <summary>Whether the user may read a file that is sent in the place of another.</summary>
    private static bool MayRead(StaticExchange exchange, string file) =>
        exchange.Handler.View is not { } view || view.MayReadBelow([], file);

    private static bool HasNoExtension(UrlPath url) => !url.Segments[^1].Contains('.', StringComparison.Ordinal);

    private static (OpenedEntry Opened, string Path)? TryOpenBelow(StaticSite site, string file, ref List<string>? denied)
    {
        var opened = site.OpenBelow(file, out var path);
        if (opened.Kind == EntryKind.File)
            return (opened, path);
        opened.Handle?.Dispose();
        if (opened.IsDenied)
            (denied ??= []).Add(path);
        return null;
    }
}
