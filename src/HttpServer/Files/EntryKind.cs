namespace Http.Server.Files;

/// <summary>What stands at a path, as far as it can be served.</summary>
internal enum EntryKind
{
    /// <summary>Nothing, nothing readable, or nothing that is served: a device, a pipe, a socket.</summary>
    None,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,
}
