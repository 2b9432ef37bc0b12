using Microsoft.Win32.SafeHandles;

namespace Http.Server.Content;

/// <summary>An opened file, or the finding that there is none. The stamp was read from the handle, so it is about these very bytes.</summary>
internal readonly record struct OpenedEntry(EntryKind Kind, SafeFileHandle? Handle, FileStamp Stamp)
{
    public static OpenedEntry None => default;
}
