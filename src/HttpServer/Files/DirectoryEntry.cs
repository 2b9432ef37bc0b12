namespace Http.Server.Files;

/// <summary>What is found under one name of a directory.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Kind">File or directory, links followed.</param>
/// <param name="IsLink">It is a link.</param>
/// <param name="Size">Bytes of a file.</param>
/// <param name="ModifiedUtc">When it was changed.</param>
internal readonly record struct DirectoryEntry(string Name, EntryKind Kind, bool IsLink, long Size, DateTime ModifiedUtc);
