using System.IO.Enumeration;
using Http.Server.Text;

namespace Http.Server.Content;

/// <summary>Reads what of a directory can be served.</summary>
internal static class DirectoryReader
{
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        ReturnSpecialDirectories = false,
    };

    /// <summary>
    /// The entries in the order of their names, case disregarded as in Python. Left out is what a request would find as 404: links
    /// that the policy forbids, devices and pipes, files that are still being uploaded, and names that are not UTF-8, which .NET cannot name.
    /// </summary>
    /// <param name="root">What the policy is about.</param>
    /// <param name="fullPath">The directory.</param>
    /// <param name="policy">Which links are shown.</param>
    /// <param name="hideDotfiles">Names that begin with a dot are left out.</param>
    /// <param name="hasLinks">There are links, shown or not: what they lead to can change and this directory's stamp will not tell.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static List<ListingEntry> Read(ContentRoot root, string fullPath, SymlinkPolicy policy, bool hideDotfiles, out bool hasLinks)
    {
        hasLinks = false;
        var entries = new List<ListingEntry>();
        var found = new FileSystemEnumerable<(string Name, bool IsLink)>(
            fullPath,
            static (ref FileSystemEntry entry) => (entry.FileName.ToString(), (entry.Attributes & FileAttributes.ReparsePoint) != 0),
            Everything);
        foreach (var (name, isLink) in found)
        {
            hasLinks |= isLink;
            if (name[0] == '.' && (hideDotfiles || UploadName.IsTemporary(name)))
                continue;
            var path = System.IO.Path.Join(fullPath, name);
            var kind = ContentRoot.Stat(path, out var stamp);
            if (kind == EntryKind.None || (isLink && !IsServed(root, path, policy)))
                continue;
            entries.Add(new ListingEntry(name, kind, isLink, stamp.Size, stamp.ModifiedUtc));
        }

        entries.Sort(static (one, other) =>
            string.Compare(one.Name, other.Name, StringComparison.OrdinalIgnoreCase) is var order and not 0
                ? order
                : string.CompareOrdinal(one.Name, other.Name));
        // .NET reads each byte that is not UTF-8 as U+FFFD, which could be another file's true name: that one is shown once.
        for (var at = entries.Count - 1; at > 0; at--)
        {
            if (entries[at].Name == entries[at - 1].Name)
                entries.RemoveAt(at);
        }

        return entries;
    }

    private static bool IsServed(ContentRoot root, string path, SymlinkPolicy policy)
    {
        if (policy == SymlinkPolicy.Refuse)
            return false;
        if (policy == SymlinkPolicy.Follow || !root.Covers(path))
            return true;
        var opened = root.Open(path);
        opened.Handle?.Dispose();
        return opened.Kind != EntryKind.None;
    }
}
