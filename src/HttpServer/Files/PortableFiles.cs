using System.Runtime.InteropServices;
using Http.Server.Interop;
using Http.Server.Protocol;
using Http.Server.Resources;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// Opens files below a root with .NET's own calls: Windows, macOS, and Linux where <see cref="LinuxFiles"/> is not
/// permitted.
/// </summary>
internal static class PortableFiles
{
    /// <summary>Linux' own limit for links in one path.</summary>
    private const int MaxLinks = 40;

    // From macOS' and Linux' fcntl.h: O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC.
    private const int MacFlags = 0x4 | 0x20000 | 0x1000000;
    private const int MacNoFollowAny = 0x20000000; // O_NOFOLLOW_ANY: a link anywhere in the path is an error.
    private const int LinuxFlags = 0x800 | 0x100 | 0x80000;

    public static EntryKind Stat(string path, out FileStamp stamp)
    {
        stamp = default;
        try
        {
            var file = new FileInfo(path);
            var target = file.LinkTarget is null ? file : (FileSystemInfo?)file.ResolveLinkTarget(returnFinalTarget: true);
            if (target is null || !target.Exists && !System.IO.Directory.Exists(target.FullName))
                return EntryKind.None;
            if (System.IO.Directory.Exists(target.FullName))
            {
                stamp = new FileStamp(0, 0, 0, target.LastWriteTimeUtc.Ticks, 0);
                return EntryKind.Directory;
            }

            if (!UnixFileType.IsRegular(target.FullName))
                return EntryKind.None;
            file = new FileInfo(target.FullName);
            stamp = new FileStamp(0, 0, file.Length, file.LastWriteTimeUtc.Ticks, 0);
            return EntryKind.File;
        }
        catch (Exception exception) when (IsMissing(exception))
        {
            return EntryKind.None;
        }
    }

    /// <summary>Opens what stands at a path below a root.</summary>
    /// <param name="realRoot">The root, free of links.</param>
    /// <param name="fullPath">The path below it.</param>
    /// <param name="policy">What links may do.</param>
    /// <param name="isRefused">Says of the path free of links that nothing is served there; null for none.</param>
    public static OpenedEntry Open(string realRoot, string fullPath, SymlinkPolicy policy, Func<string, bool>? isRefused = null)
    {
        try
        {
            var isJudged = policy != SymlinkPolicy.Follow || isRefused is not null;
            if (isJudged)
            {
                var real = Resolve(fullPath, out var links);
                if (real is null || isRefused?.Invoke(real) == true
                    || (policy != SymlinkPolicy.Follow && !IsWithin(realRoot, real))
                    || (policy == SymlinkPolicy.Refuse && links > 0))
                    return OpenedEntry.None;
                fullPath = real;
            }

            if (System.IO.Directory.Exists(fullPath))
                return new OpenedEntry(EntryKind.Directory, null,
                    new FileStamp(0, 0, 0, System.IO.Directory.GetLastWriteTimeUtc(fullPath).Ticks, 0));
            var handle = OpenHandle(fullPath, passesLinks: !isJudged);
            if (handle is null)
                return OpenedEntry.None;
            // Links may have been exchanged since they were judged; only Windows has to be asked afterwards.
            if (isJudged && OperatingSystem.IsWindows() && !WindowsHandles.LiesAt(handle, fullPath))
            {
                handle.Dispose();
                return OpenedEntry.None;
            }

            try
            {
                if (!UnixFileType.IsRegular(handle))
                {
                    handle.Dispose();
                    return OpenedEntry.None;
                }

                return new OpenedEntry(EntryKind.File, handle, StampOf(handle));
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (IsMissing(exception))
        {
            return OpenedEntry.None;
        }
    }

    /// <summary>All that tells an open file's state from others.</summary>
    public static FileStamp StampOf(SafeFileHandle handle)
    {
        ulong id;
        long changed;
        if (OperatingSystem.IsWindows())
        {
            WindowsHandles.ReadIdentity(handle, out id, out var changedUtc);
            changed = changedUtc.Ticks;
        }
        else
        {
            UnixFileType.ReadIdentity(handle, out id, out changed);
        }

        return new FileStamp(0, id, RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle).Ticks, changed);
    }

    /// <summary>
    /// The path with every link in it replaced by what it leads to; null if something is missing or links go
    /// round.
    /// </summary>
    /// <param name="fullPath">A full path.</param>
    /// <param name="links">Number of links passed.</param>
    public static string? Resolve(string fullPath, out int links)
    {
        links = 0;
        var root = System.IO.Path.GetPathRoot(fullPath)!;
        var done = root;
        var waiting = new Stack<string>(Split(fullPath[root.Length..]));
        while (waiting.TryPop(out var name))
        {
            if (name == "..")
            {
                done = System.IO.Path.GetDirectoryName(done) ?? root;
                continue;
            }

            var next = System.IO.Path.Combine(done, name);
            var target = ReadLink(next);
            if (target is null)
            {
                done = next;
                continue;
            }

            if (++links > MaxLinks)
                return null;
            if (System.IO.Path.IsPathRooted(target))
            {
                root = System.IO.Path.GetPathRoot(target)!;
                done = root;
                target = target[root.Length..];
            }

            foreach (var part in Split(target))
                waiting.Push(part);
        }

        return done;
    }

    /// <summary>Whether a full path is the root or below it; on Windows and macOS case does not count.</summary>
    public static bool IsWithin(string root, string path)
    {
        var comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        if (!path.StartsWith(root, comparison))
            return false;
        return path.Length == root.Length || System.IO.Path.EndsInDirectorySeparator(root)
            || path[root.Length] == System.IO.Path.DirectorySeparatorChar;
    }

    /// <summary>The names of a path, last first, as a stack wants them.</summary>
    private static IEnumerable<string> Split(string path) =>
        path.Split([System.IO.Path.DirectorySeparatorChar, System.IO.Path.AltDirectorySeparatorChar],
            StringSplitOptions.RemoveEmptyEntries)
            .Where(name => name != ".").Reverse();

    private static string? ReadLink(string path)
    {
        if (!OperatingSystem.IsLinux())
            return new FileInfo(path).LinkTarget;
        return LinuxOpening.ReadLink(LinuxFiles.Encode(path)) is { } target ? RawText.Decode(target) : null;
    }

    /// <summary>
    /// Opens a file for reading, also while other programs write or delete it; this waits for no other program.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="passesLinks">Links are passed where the system can be told otherwise.</param>
    /// <returns>Null if it cannot be opened.</returns>
    public static SafeFileHandle? OpenHandle(string path, bool passesLinks)
    {
        if (OperatingSystem.IsWindows())
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // .NET opens without O_NONBLOCK, so a pipe would wait for a program that writes into it.
        var descriptor = Libc.Open(path, OperatingSystem.IsLinux() ? LinuxFlags : passesLinks
            ? MacFlags
            : MacFlags | MacNoFollowAny);
        if (descriptor < 0)
        {
            Shortage.ThrowIfShort(Marshal.GetLastPInvokeError());
            return null;
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Shortage.ThrowIfLast(handle);
        return handle;
    }

    /// <summary>
    /// Whether an exception is the file system's: something is missing, or not allowed. Too few descriptors say nothing
    /// of what is there.
    /// </summary>
    public static bool IsMissing(Exception exception) => Shortage.Of(exception) is null
        && exception is (IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException
            or System.Security.SecurityException);
}
