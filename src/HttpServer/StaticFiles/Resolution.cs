using Http.Server.Files;
using Http.Server.StaticFiles.Sites;

namespace Http.Server.StaticFiles;

/// <summary>
/// What a request's path turned out to mean, and what was opened on the way: its handle is the holder's to
/// close.
/// </summary>
/// <param name="Kind">What it means.</param>
/// <param name="Path">Where the file or the directory lies.</param>
/// <param name="Opened">The opened file; of a directory its stamp.</param>
/// <param name="IndexPage">The index page that stands for its directory; null if the path names the file.</param>
/// <param name="Stored">The content in memory.</param>
internal readonly record struct Resolution(
    ResolutionKind Kind, string Path = "", OpenedEntry Opened = default, string? IndexPage = null, CachedContent? Stored = null)
{
    /// <summary>Paths that are there and may not be read, for the log; null for none.</summary>
    public List<string>? Denied { get; init; }
}
