using Http.Server.StaticFiles.Sites;

namespace Http.Server.StaticFiles;

/// <summary>Content that may be sent, as it is or compressed.</summary>
/// <param name="Content">The content as it is.</param>
/// <param name="Path">Where it lies; null for a page that was made.</param>
/// <param name="Type">Its media type.</param>
/// <param name="Stored">The same content in memory, if it is kept there.</param>
/// <param name="IsAnywhere">It need not lie below the site's directory.</param>
internal readonly record struct Candidate(FileContent Content, string? Path, string Type, CachedContent? Stored = null,
    bool IsAnywhere = false);
