using Http.Server.Files;

namespace Http.Server.Archives;

/// <summary>A directory that is being archived: its entries under the names that they get, and how far it has got.</summary>
internal sealed class ArchiveLevel
{
    private readonly List<DirectoryEntry> _entries;
    private readonly HashSet<string>? _names;
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private int _next;

    /// <param name="path">Where it lies.</param>
    /// <param name="realPath">The same free of links.</param>
    /// <param name="prefix">Its path in the archive, with a slash at its end.</param>
    /// <param name="isBehindLink">A link has led here, out of the archived directory.</param>
    /// <param name="entries">What is in it.</param>
    public ArchiveLevel(string path, string realPath, string prefix, bool isBehindLink, List<DirectoryEntry> entries)
    {
        (Path, RealPath, Prefix, IsBehindLink, _entries) = (path, realPath, prefix, isBehindLink, entries);
        // Only a changed name can be that of another entry.
        if (entries.Exists(static entry => entry.Name != ArchiveName.Of(entry.Name)))
            _names = [.. entries.Select(static entry => entry.Name)];
    }

    public string Path { get; }

    public string RealPath { get; }

    public string Prefix { get; }

    public bool IsBehindLink { get; }

    /// <summary>Whether an entry has a name.</summary>
    public bool Has(string name) => _entries.Exists(entry => entry.Name == name);

    /// <summary>Goes to the next entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="name">Its name in the archive, which no other entry here has.</param>
    public bool TryTake(out DirectoryEntry entry, out string name)
    {
        (entry, name) = (default, "");
        if (_next == _entries.Count)
            return false;
        entry = _entries[_next++];
        name = ArchiveName.Of(entry.Name);
        if (name == entry.Name)
            return true;
        if (_names!.Add(name))
            return true;
        // A name's counter goes on where it was: a client that can store files could make thousands that get the same name.
        var plain = name;
        for (var count = _counts.GetValueOrDefault(plain); ; count++)
        {
            name = $"{plain}_{(count == 0 ? "" : count)}";
            if (!_names.Add(name))
                continue;
            _counts[plain] = count + 1;
            return true;
        }
    }
}
