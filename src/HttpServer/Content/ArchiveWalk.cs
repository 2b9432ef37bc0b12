namespace Http.Server.Content;

/// <summary>
/// Goes through all that can be served of a directory, one entry at a time: memory is taken for the directories on the way down alone. What
/// cannot be opened is left out, just as a request would find nothing there.
/// </summary>
/// <remarks>
/// Links are followed as far as the policy goes. A directory that a link leads to is left out if it lies in the archived directory, since it is
/// in the archive at its own place, and else is taken in once: so there is no end without links going round, nor the same over and over.
/// </remarks>
internal sealed class ArchiveWalk
{
    private readonly ContentRoot _root;
    private readonly SymlinkPolicy _policy;
    private readonly bool _hidesDotfiles;
    private readonly Func<string, OpenedEntry> _open;
    private readonly ArchiveLevel _top;
    private readonly HashSet<string> _behindLinks = new(StringComparer.Ordinal);

    /// <param name="root">What the policy is about.</param>
    /// <param name="path">The directory.</param>
    /// <param name="name">Its name in the archive.</param>
    /// <param name="policy">Which links are followed.</param>
    /// <param name="hidesDotfiles">Names that begin with a dot are left out.</param>
    /// <param name="open">Opens a path as for a request.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public ArchiveWalk(ContentRoot root, string path, string name, SymlinkPolicy policy, bool hidesDotfiles, Func<string, OpenedEntry> open)
    {
        (_root, _policy, _hidesDotfiles, _open) = (root, policy, hidesDotfiles, open);
        _top = Read(path, PortableFiles.Resolve(path, out _) ?? path, name + "/", isBehindLink: false);
    }

    /// <summary>The entries, each directory before what is in it.</summary>
    /// <exception cref="IOException">A directory that is there cannot be read.</exception>
    public IEnumerable<ArchiveItem> Items()
    {
        ContentRoot.Stat(_top.Path, out var stamp);
        yield return new ArchiveItem(_top.Prefix, null, stamp);
        var levels = new Stack<ArchiveLevel>([_top]);
        while (levels.TryPeek(out var level))
        {
            if (!level.TryTake(out var entry, out var name))
            {
                levels.Pop();
                continue;
            }

            var path = System.IO.Path.Join(level.Path, entry.Name);
            var opened = _open(path);
            if (opened.Kind == EntryKind.File)
                yield return new ArchiveItem(level.Prefix + name, opened.Handle, opened.Stamp);
            if (opened.Kind != EntryKind.Directory || Enter(level, entry, path, name) is not { } below)
                continue;
            yield return new ArchiveItem(below.Prefix, null, opened.Stamp);
            levels.Push(below);
        }
    }

    private ArchiveLevel? Enter(ArchiveLevel level, in ListingEntry entry, string path, string name)
    {
        var isBehindLink = level.IsBehindLink || entry.IsLink;
        var real = entry.IsLink ? PortableFiles.Resolve(path, out _) : System.IO.Path.Join(level.RealPath, entry.Name);
        if (real is null || (isBehindLink && (PortableFiles.IsWithin(_top.RealPath, real) || !_behindLinks.Add(real))))
            return null;
        try
        {
            return Read(path, real, $"{level.Prefix}{name}/", isBehindLink);
        }
        catch (Exception exception) when (exception is DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private ArchiveLevel Read(string path, string realPath, string prefix, bool isBehindLink) =>
        new(path, realPath, prefix, isBehindLink, DirectoryReader.Read(_root, path, _policy, _hidesDotfiles, out _));
}
