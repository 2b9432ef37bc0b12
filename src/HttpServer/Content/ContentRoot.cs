using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Content;

/// <summary>A directory that is served: opens what lies in it and nothing else, and remembers what was asked for often.</summary>
internal sealed class ContentRoot
{
    /// <summary>More directories than any server has; a program that makes ever new ones starts the list anew.</summary>
    private const int MostRoots = 64;

    private static readonly ConcurrentDictionary<string, ContentRoot> Known = new(StringComparer.Ordinal);

    private readonly SymlinkPolicy _policy;
    private readonly string _prefix;
    private volatile RootHandle? _handle;

    private ContentRoot(string fullPath, SymlinkPolicy policy)
    {
        FullPath = fullPath;
        _policy = policy;
        _prefix = System.IO.Path.EndsInDirectorySeparator(fullPath) ? fullPath : fullPath + System.IO.Path.DirectorySeparatorChar;
    }

    /// <summary>The directory's full path, without a separator at its end unless it is a file system's root.</summary>
    public string FullPath { get; }

    public TargetCache Targets { get; } = new();

    /// <summary>The root for a directory; all handlers with the same directory, policy and kind share one.</summary>
    public static ContentRoot Of(string directory, SymlinkPolicy policy, string kind = "")
    {
        var fullPath = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(directory));
        // No path has a NUL, and the usual case makes no string.
        var key = policy switch
        {
            SymlinkPolicy.Inside => fullPath,
            SymlinkPolicy.Follow => "follow\0" + fullPath,
            _ => "refuse\0" + fullPath,
        };
        if (kind.Length > 0)
            key = $"{kind}\0{key}";
        if (Known.TryGetValue(key, out var known))
            return known;
        if (Known.Count >= MostRoots)
            Known.Clear();
        return Known.GetOrAdd(key, new ContentRoot(fullPath, policy));
    }

    /// <summary>Where a path below the root lies.</summary>
    public string PathOf(IReadOnlyList<string> segments) =>
        segments.Count == 0 ? FullPath : _prefix + string.Join(System.IO.Path.DirectorySeparatorChar, segments);

    /// <summary>Whether the path lies below the root by its letters; links are another matter.</summary>
    public bool Covers(string fullPath) => fullPath == FullPath || fullPath.StartsWith(_prefix, StringComparison.Ordinal);

    /// <summary>Opens a file below the root, or tells that a directory is there.</summary>
    /// <param name="fullPath">A full path that <see cref="Covers"/>.</param>
    public OpenedEntry Open(string fullPath)
    {
        if (!LinuxFiles.IsSupported)
            return OpenPortable(fullPath);
        var relative = fullPath.Length <= _prefix.Length ? default : fullPath.AsSpan(_prefix.Length);
        var opened = GetHandle() is { } handle ? LinuxFiles.Open(handle, relative, _policy, out var isUndecided) : None(out isUndecided);
        // An absolute link may still lead inside.
        return isUndecided ? OpenPortable(fullPath) : opened;

        static OpenedEntry None(out bool isUndecided)
        {
            isUndecided = false;
            return OpenedEntry.None;
        }
    }

    /// <summary>Opens a directory below the root to put files into, through no link, whatever the policy.</summary>
    /// <param name="fullPath">A full path that <see cref="Covers"/>.</param>
    /// <exception cref="RequestFaultException">There is no such directory.</exception>
    public UploadFolder OpenFolder(string fullPath)
    {
        var relative = fullPath.Length <= _prefix.Length ? "" : fullPath[_prefix.Length..];
        return LinuxFiles.IsSupported && GetHandle() is { } handle
            ? UploadFolder.Open(handle, relative)
            : UploadFolder.Open(FullPath, relative);
    }

    /// <summary>What stands at a path, links followed and not judged.</summary>
    public static EntryKind Stat(string fullPath, out FileStamp stamp) =>
        LinuxFiles.IsSupported ? LinuxFiles.Stat(fullPath, out stamp) : PortableFiles.Stat(fullPath, out stamp);

    private OpenedEntry OpenPortable(string fullPath)
    {
        if (PortableFiles.Resolve(FullPath, out _) is not { } realRoot)
            return OpenedEntry.None;
        var relative = fullPath.Length <= _prefix.Length ? "" : fullPath[_prefix.Length..];
        return PortableFiles.Open(realRoot, System.IO.Path.Join(realRoot, relative), _policy);
    }

    /// <summary>
    /// A handle to the directory that now stands at the root's path. A build tool may put a new directory in the place of the
    /// old one at any time, so the handle is compared with the path before it is used.
    /// </summary>
    private SafeFileHandle? GetHandle()
    {
        var known = _handle;
        if (LinuxFiles.Stat(FullPath, out var stamp) != EntryKind.Directory)
            return null;
        if (known is not null && known.Stamp.Device == stamp.Device && known.Stamp.Inode == stamp.Inode)
            return known.Handle;
        // The old handle may be in use on another thread; its finaliser closes it.
        if (LinuxFiles.OpenRoot(FullPath, out stamp) is not { } handle)
            return null;
        _handle = new RootHandle(handle, stamp);
        return handle;
    }

    private sealed record RootHandle(SafeFileHandle Handle, FileStamp Stamp);
}
