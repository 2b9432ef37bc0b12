using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// An opened file, or the finding that there is none. The stamp was read from the handle, so it is about these very
/// bytes.
/// </summary>
internal readonly record struct OpenedEntry(EntryKind Kind, SafeFileHandle? Handle, FileStamp Stamp)
{
    public static OpenedEntry None => default;

    /// <summary>Something is there that the server may not read.</summary>
    public static OpenedEntry Denied => new() { IsDenied = true };

    /// <summary>The server's user may not read it: a file counts as missing, and a directory has no listing.</summary>
    public bool IsDenied { get; init; }
}
