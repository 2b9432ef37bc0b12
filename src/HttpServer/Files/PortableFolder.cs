using System.Runtime.InteropServices;
using Http.Server.Interop;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// Writing by paths with .NET's own calls: a user who may rename directories on this machine could lead it elsewhere between two
/// calls.
/// </summary>
internal static class PortableFolder
{
    private const uint MacRenameNoReplace = 4; // RENAME_EXCL

    /// <summary>Reads what stands at a path, a link being no file.</summary>
    /// <returns>False if there is nothing.</returns>
    public static bool TryStatEntry(string path, out EntryKind kind, out FileStamp stamp)
    {
        (kind, stamp) = (EntryKind.None, default);
        // Exists is not used here, because it is false for a link without a target.
        var attributes = new FileInfo(path).Attributes;
        if ((int)attributes == -1)
            return false;
        if ((attributes & FileAttributes.ReparsePoint) != 0)
            return true;
        kind = PortableFiles.Stat(path, out stamp);
        if (kind != EntryKind.File)
            return true;
        try
        {
            using var handle = PortableFiles.OpenHandle(path, passesLinks: false);
            if (handle is not null)
                stamp = PortableFiles.StampOf(handle);
        }
        catch (Exception exception) when (PortableFiles.IsMissing(exception))
        {
            // A file that may not be read has a stamp all the same, which no strong validator matches.
        }

        return true;
    }

    /// <summary>Makes a new file for writing. On Unix its mode is 0666 less the umask.</summary>
    /// <remarks>
    /// .NET locks it for <see cref="RemoveAbandoned"/>, on network file systems only if it is opened for reading
    /// too.
    /// </remarks>
    public static SafeFileHandle Create(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

    /// <summary>Removes a file that has a temporary name, unless a process has it open.</summary>
    /// <returns>Whether it has been removed.</returns>
    public static bool RemoveAbandoned(string path)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose)
                .Dispose();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Gives a file another name. Without replacing, that is one step on Windows and macOS, and elsewhere two.</summary>
    public static void Rename(string from, string to, bool replaces)
    {
        if (!replaces && OperatingSystem.IsMacOS())
        {
            if (Libc.MacRename(from, to, MacRenameNoReplace) != 0)
                throw new IOException(Marshal.GetLastPInvokeErrorMessage(), Marshal.GetLastPInvokeError());
            return;
        }

        File.Move(from, to, replaces);
    }
}
