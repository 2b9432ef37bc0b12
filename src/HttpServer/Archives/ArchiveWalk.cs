using Http.Server.Files;
using Http.Server.Logging;

namespace Http.Server.Archives;

/// <summary>
/// Goes through all that can be served of a directory, one entry at a time: memory is taken for the directories on the way down
/// alone. What a request would not find is left out. What is there and may not be read is told at the end.
/// </summary>
/// <remarks>
/// Links are followed as far as the policy goes. A directory that a link leads to is left out if it lies in the archived
/// directory, since it is in the archive at its own place, and else is taken in once: so there is no end without links going
/// round, nor the same over and over.
/// </remarks>
internal sealed class ArchiveWalk
{
    /// <summary>The file that tells what is lacking.</summary>
    private const string NoteName = "httpserver-skipped.txt";

    /// <summary>Longest note in characters; beyond it the number alone is told.</summary>
    private const int MaxNote = 1024 * 1024;

    private readonly SymlinkPolicy _policy;
    private readonly bool _hidesDotfiles;
    private readonly Func<string, OpenedEntry> _open;
    private readonly Func<string, OpenedEntry> _openDirectory;
    private readonly Func<string, bool>? _mayRead;
    private readonly ArchiveLevel _top;
    private readonly FileStamp _topStamp;
    private readonly HashSet<string> _behindLinks = new(StringComparer.Ordinal);
    private readonly System.Text.StringBuilder _skipped = new();

    /// <param name="root">What the policy is about.</param>
    /// <param name="path">The directory.</param>
    /// <param name="name">Its name in the archive.</param>
    /// <param name="policy">Which links are followed.</param>
    /// <param name="hidesDotfiles">Names that begin with a dot are left out.</param>
    /// <param name="open">Opens a path as for a request.</param>
    /// <param name="openDirectory">The same, with a handle for directories; null for the root's own way.</param>
    /// <param name="mayRead">Whether the user may read a path; null for all. What may not be read is as if it were not
    /// there.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public ArchiveWalk(
        ContentRoot root, string path, string name, SymlinkPolicy policy, bool hidesDotfiles, Func<string, OpenedEntry> open,
        Func<string, OpenedEntry>? openDirectory = null, Func<string, bool>? mayRead = null)
    {
        (_policy, _hidesDotfiles, _open, _mayRead) = (policy, hidesDotfiles, open, mayRead);
        _openDirectory = openDirectory ?? (directory => root.Open(directory, keepsDirectory: true));
        _top = Read(path, PortableFiles.Resolve(path, out _) ?? path, name + "/", isBehindLink: false, out _topStamp);
    }

    /// <summary>Items that could not be read.</summary>
    public int SkippedCount { get; private set; }

    /// <summary>The name of one of them in the archive.</summary>
    public string FirstSkipped { get; private set; } = "";

    /// <summary>The entries, each directory before what is in it.</summary>
    /// <exception cref="IOException">A directory that is there cannot be read.</exception>
    public IEnumerable<ArchiveItem> Items()
    {
        yield return new ArchiveItem(_top.Prefix, null, _topStamp);
        var levels = new Stack<ArchiveLevel>([_top]);
        while (levels.TryPeek(out var level))
        {
            if (!level.TryTake(out var entry, out var name))
            {
                levels.Pop();
                continue;
            }

            var path = System.IO.Path.Join(level.Path, entry.Name);
            if (_mayRead?.Invoke(path) == false)
                continue;
            var opened = _open(path);
            if (opened.Kind == EntryKind.File)
                yield return new ArchiveItem(level.Prefix + name, opened.Handle, opened.Stamp);
            if (opened.IsDenied)
                Skip(level.Prefix + name + (opened.Kind == EntryKind.Directory ? "/" : ""));
            else if (opened.Kind == EntryKind.Directory && Enter(level, entry, path, name) is var (below, stamp))
            {
                yield return new ArchiveItem(below.Prefix, null, stamp);
                levels.Push(below);
            }
        }
    }

    /// <summary>What is lacking, as the last file of the archive.</summary>
    /// <returns>Null if nothing is.</returns>
    public (string Name, string Text)? Note()
    {
        if (SkippedCount == 0)
            return null;
        var name = NoteName;
        while (_top.Has(name))
            name += "_";
        var more = SkippedCount - _skipped.ToString().Count(static character => character == '\n');
        return (_top.Prefix + name, $"The server may not read:\n{_skipped}{(more > 0 ? $"and {more} more\n" : "")}");
    }

    private void Skip(string name)
    {
        if (SkippedCount++ == 0)
            FirstSkipped = name;
        if (_skipped.Length < MaxNote)
            _skipped.Append(LogText.Escape(name)).Append('\n');
    }

    private (ArchiveLevel Level, FileStamp Stamp)? Enter(ArchiveLevel level, in DirectoryEntry entry, string path, string name)
    {
        var isBehindLink = level.IsBehindLink || entry.IsLink;
        var real = entry.IsLink ? PortableFiles.Resolve(path, out _) : System.IO.Path.Join(level.RealPath, entry.Name);
        if (real is null || (isBehindLink && (PortableFiles.IsWithin(_top.RealPath, real) || !_behindLinks.Add(real))))
            return null;
        try
        {
            return (Read(path, real, $"{level.Prefix}{name}/", isBehindLink, out var stamp), stamp);
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            Skip($"{level.Prefix}{name}/");
            return null;
        }
    }

    private ArchiveLevel Read(string path, string realPath, string prefix, bool isBehindLink, out FileStamp stamp)
    {
        var opened = _openDirectory(path);
        using var handle = opened.Handle;
        stamp = opened.Stamp;
        var unreadable = new List<string>();
        var entries = DirectoryReader.Read(opened, path, _open, _policy, _hidesDotfiles, out _, unreadable);
        DirectoryReader.SortByName(entries);
        foreach (var name in unreadable.Where(name => _mayRead?.Invoke(System.IO.Path.Join(path, name)) is not false))
            Skip(prefix + ArchiveName.Of(name));
        return new(path, realPath, prefix, isBehindLink, entries);
    }
}
