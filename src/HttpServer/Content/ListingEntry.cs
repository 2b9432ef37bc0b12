namespace Http.Server.Content;

/// <summary>One line of a directory listing.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Kind">File or directory, links followed.</param>
/// <param name="IsLink">It is a link.</param>
/// <param name="Size">Bytes of a file.</param>
/// <param name="ModifiedUtc">When it was changed.</param>
internal readonly record struct ListingEntry(string Name, EntryKind Kind, bool IsLink, long Size, DateTime ModifiedUtc);
