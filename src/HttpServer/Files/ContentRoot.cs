using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>A directory that is served: opens what lies in it and nothing else.</summary>
internal sealed class ContentRoot
{
    private readonly SymlinkPolicy _policy;
    private readonly string _prefix;
    private readonly byte[] _encodedPath;
    private volatile RootHandle? _handle;

    /// <param name="directory">The directory, which need not be there yet.</param>
    /// <param name="policy">Which links are followed.</param>
    public ContentRoot(string directory, SymlinkPolicy policy)
    {
        FullPath = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(directory));
        _policy = policy;
        _encodedPath = LinuxFiles.Encode(FullPath);
        _prefix = System.IO.Path.EndsInDirectorySeparator(FullPath) ? FullPath : FullPath + System.IO.Path.DirectorySeparatorChar;
    }

    /// <summary>The directory's full path, without a separator at its end unless it is a file system's root.</summary>
    public string FullPath { get; }

    /// <summary>The full path of a path below the root.</summary>
    public string PathOf(IReadOnlyList<string> segments) =>
        segments.Count == 0 ? FullPath : _prefix + string.Join(System.IO.Path.DirectorySeparatorChar, segments);

    /// <summary>Whether the path lies below the root by its letters; links are another matter.</summary>
    public bool Covers(string fullPath) => fullPath == FullPath || fullPath.StartsWith(_prefix, StringComparison.Ordinal);

    /// <summary>
    /// Whether a link has led to where a name begins with a dot. Names above the root do not count, nor those of a path that
    /// an option has set.
    /// </summary>
    /// <param name="fullPath">The path that was asked for.</param>
    /// <param name="realPath">The same free of links.</param>
    public bool LeadsToHidden(string fullPath, string realPath) =>
        !IsHidden(System.IO.Path.GetRelativePath(FullPath, fullPath))
        && PortableFiles.Resolve(FullPath, out _) is { } realRoot && IsHidden(System.IO.Path.GetRelativePath(realRoot, realPath));

    /// <summary>Opens a file below the root, or tells that a directory is there.</summary>
    /// <param name="fullPath">A full path that <see cref="Covers"/>.</param>
    /// <param name="keepsDirectory">A directory is opened as well, to read its names; only where it has handles.</param>
    /// <param name="isRefused">Says of the path free of links, at which the file really lies, that nothing is served there; null
    /// for none.</param>
    public OpenedEntry Open(string fullPath, bool keepsDirectory = false, Func<string, bool>? isRefused = null)
    {
        if (!LinuxStat.IsSupported)
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

    /// <summary>Opens a file at any path, through all links; or tells that a directory is there.</summary>
    /// <inheritdoc cref="Open"/>
    public static OpenedEntry OpenAnywhere(string fullPath, bool keepsDirectory = false, Func<string, bool>? isRefused = null)
    {
        if (System.IO.Path.GetDirectoryName(fullPath) is not { } parent)
            return OpenedEntry.None;
        var root = new ContentRoot(parent, SymlinkPolicy.Follow);
        var opened = root.Open(fullPath, keepsDirectory, isRefused);
        root._handle?.Handle.Dispose();
        return opened;
    }

    /// <summary>What stands at a path, links followed and not judged.</summary>
    public static EntryKind Stat(string fullPath, out FileStamp stamp) =>
        LinuxStat.IsSupported ? LinuxStat.Read(fullPath, out stamp) : PortableFiles.Stat(fullPath, out stamp);

    private static bool IsHidden(string relativePath) =>
        Array.Exists(relativePath.Split(System.IO.Path.DirectorySeparatorChar),
            static name => name is ['.', not '.', ..] or ['.', '.', _, ..]);

    /// <summary>The path below the root; empty for the root itself.</summary>
    /// <param name="fullPath">A full path that <see cref="Covers"/>.</param>
    public string RelativeOf(string fullPath) => fullPath.Length <= _prefix.Length ? "" : fullPath[_prefix.Length..];

    /// <summary>
    /// Reads the links here and judges where they lead; what lies there is then opened through no link at all. If links or
    /// directories are exchanged between the two steps, nothing is found, or something else at that very place.
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
    public SafeFileHandle? GetHandle()
    {
        var known = _handle;
        if (LinuxStat.Read(_encodedPath, out var stamp) != EntryKind.Directory)
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
