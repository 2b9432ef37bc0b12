using System.Collections.Concurrent;
using Http.Server.Interop;
using Http.Server.Listings;
using Http.Server.StaticFiles;
using Http.Server.Uploads;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>A directory that is served: opens what lies in it and nothing else, and remembers what was asked for often.</summary>
internal sealed class ContentRoot
{
    /// <summary>More directories than any server has; a program that makes ever new ones starts the list anew.</summary>
    private const int MostRoots = 64;

    private static readonly ConcurrentDictionary<string, ContentRoot> Known = new(StringComparer.Ordinal);

    private readonly SymlinkPolicy _policy;
    private readonly string _prefix;
    private readonly byte[] _encodedPath;
    private volatile RootHandle? _handle;

    private ContentRoot(string fullPath, SymlinkPolicy policy)
    {
        FullPath = fullPath;
        _policy = policy;
        _encodedPath = LinuxFiles.Encode(fullPath);
        _prefix = System.IO.Path.EndsInDirectorySeparator(fullPath) ? fullPath : fullPath + System.IO.Path.DirectorySeparatorChar;
    }

    /// <summary>The directory's full path, without a separator at its end unless it is a file system's root.</summary>
    public string FullPath { get; }

    public TargetCache Targets { get; } = new();

    /// <summary>Large listings that are being sent.</summary>
    public RecentListings Listings { get; } = new();

    /// <summary>What servers that were killed have left of uploads has been removed, or is being removed.</summary>
    public bool IsClearedOfUploads { get; set; }

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

    /// <summary>
    /// Whether a link has led to where a name begins with a dot. Names above the root do not count, nor those of a path that somebody has
    /// set.
    /// </summary>
    /// <param name="fullPath">The path that was asked for.</param>
    /// <param name="realPath">The same free of links.</param>
    public bool LeadsToHidden(string fullPath, string realPath) =>
        !IsHidden(System.IO.Path.GetRelativePath(FullPath, fullPath))
        && PortableFiles.Resolve(FullPath, out _) is { } realRoot && IsHidden(System.IO.Path.GetRelativePath(realRoot, realPath));

    /// <summary>Opens a file below the root, or tells that a directory is there.</summary>
    /// <param name="fullPath">A full path that <see cref="Covers"/>.</param>
    /// <param name="keepsDirectory">A directory is opened as well, to read its names; only where it has handles.</param>
    /// <param name="isRefused">Says of the path free of links, at which the file really lies, that nothing is served there; null for none.</param>
    public OpenedEntry Open(string fullPath, bool keepsDirectory = false, Func<string, bool>? isRefused = null)
    {
        if (!LinuxFiles.HasStatx)
            return OpenPortable(fullPath, isRefused);
        if (GetHandle() is not { } handle)
            return OpenedEntry.None;
        if (LinuxFiles.IsSupported && isRefused is null)
        {
            var opened = LinuxFiles.Open(handle, RelativeOf(fullPath), _policy, out var isUndecided, keepsDirectory);
            if (!isUndecided)
                return opened;
        }

        return OpenResolved(handle, fullPath, keepsDirectory, isRefused);
    }

    /// <summary>Opens a directory below the root to put files into, through no link, whatever the policy.</summary>
    /// <param name="fullPath">A full path that <see cref="Covers"/>.</param>
    /// <param name="namesAtOnce">Files on their way have temporary names, as on file systems where they must.</param>
    /// <exception cref="RequestFaultException">There is no such directory.</exception>
    public UploadFolder OpenFolder(string fullPath, bool namesAtOnce = false)
    {
        var relative = RelativeOf(fullPath);
        return LinuxFiles.HasStatx && GetHandle() is { } handle
            ? UploadFolder.Open(handle, relative, namesAtOnce)
            : UploadFolder.Open(FullPath, relative);
    }

    /// <summary>
    /// Removes what servers that were killed have left of uploads below the root; reads directories for a second or two if there are many.
    /// </summary>
    /// <returns>How many files were removed.</returns>
    public int RemoveAbandonedUploads(CancellationToken cancellationToken)
    {
        try
        {
            if (LinuxFiles.HasStatx && LinuxDirectory.IsSupported)
                return GetHandle() is { } handle ? AbandonedUploads.Remove(handle, cancellationToken) : 0;
            return PortableFiles.Resolve(FullPath, out _) is { } realRoot ? AbandonedUploads.Remove(realRoot, cancellationToken) : 0;
        }
        catch (RequestFaultException)
        {
            // Descriptors are short: requests need them more.
            return 0;
        }
    }

    /// <summary>What stands at a path, links followed and not judged.</summary>
    public static EntryKind Stat(string fullPath, out FileStamp stamp) =>
        LinuxFiles.HasStatx ? LinuxFiles.Stat(fullPath, out stamp) : PortableFiles.Stat(fullPath, out stamp);

    private static bool IsHidden(string relativePath) =>
        Array.Exists(relativePath.Split(System.IO.Path.DirectorySeparatorChar), static name => name is ['.', not '.', ..] or ['.', '.', _, ..]);

    private string RelativeOf(string fullPath) => fullPath.Length <= _prefix.Length ? "" : fullPath[_prefix.Length..];

    /// <summary>
    /// Reads the links here and judges where they lead; what lies there is then opened through no link at all. If links or directories are
    /// exchanged between the two steps, nothing is found, or something else at that very place.
    /// </summary>
    private OpenedEntry OpenResolved(SafeFileHandle root, string fullPath, bool keepsDirectory, Func<string, bool>? isRefused)
    {
        if (PortableFiles.Resolve(FullPath, out _) is not { } realRoot
            || PortableFiles.Resolve(System.IO.Path.Join(realRoot, RelativeOf(fullPath)), out var links) is not { } real
            || isRefused?.Invoke(real) == true)
            return OpenedEntry.None;
        var isWithin = PortableFiles.IsWithin(realRoot, real);
        if ((_policy == SymlinkPolicy.Refuse && links > 0) || (_policy != SymlinkPolicy.Follow && !isWithin))
            return OpenedEntry.None;
        if (isWithin)
            return LinuxFiles.OpenPlain(root, real[realRoot.Length..].TrimStart('/'), keepsDirectory);
        using var top = LinuxFiles.OpenRoot("/", out _);
        return top is null ? OpenedEntry.None : LinuxFiles.OpenPlain(top, real[1..], keepsDirectory);
    }

    private OpenedEntry OpenPortable(string fullPath, Func<string, bool>? isRefused) =>
        PortableFiles.Resolve(FullPath, out _) is { } realRoot
            ? PortableFiles.Open(realRoot, System.IO.Path.Join(realRoot, RelativeOf(fullPath)), _policy, isRefused)
            : OpenedEntry.None;

    /// <summary>
    /// A handle to the directory that now stands at the root's path. A build tool may put a new directory in the place of the
    /// old one at any time, so the handle is compared with the path before it is used.
    /// </summary>
    private SafeFileHandle? GetHandle()
    {
        var known = _handle;
        if (LinuxFiles.Stat(_encodedPath, out var stamp) != EntryKind.Directory)
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
