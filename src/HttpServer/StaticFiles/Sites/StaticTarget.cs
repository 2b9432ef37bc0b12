using Http.Server.Files;
using Http.Server.Listings;
using Http.Server.Protocol;

namespace Http.Server.StaticFiles.Sites;

/// <summary>What one request target means below one root.</summary>
internal sealed class StaticTarget
{
    public StaticTarget(ReadOnlySpan<byte> target, ContentRoot root)
    {
        Target = target.ToArray();
        Fault = UrlPath.TryParse(target, OperatingSystem.IsWindows(), out var path);
        Path = path;
        if (path is null || (Fault = path.FileFault) != UrlPathFault.None)
            return;
        Url = path;
        FilePath = root.PathOf(path.Segments);
    }

    public byte[] Target { get; }

    public UrlPathFault Fault { get; }

    /// <summary>The canonical path, for routes and programs; null if the target has none.</summary>
    public UrlPath? Path { get; }

    /// <summary>The canonical path as that of a file; null if <see cref="Fault"/> is set.</summary>
    public UrlPath? Url { get; }

    /// <summary>The path on the disk; null if <see cref="Fault"/> is set.</summary>
    public string? FilePath { get; }

    /// <summary>What the query says about a listing, should the path be a directory's.</summary>
    public ListingQuery Listing => field ??= ListingQuery.Parse(Url?.Query);

    /// <summary>The answer's content from an earlier request; its user checks that it still holds.</summary>
    public volatile CachedContent? Cached;
}
