using System.IO.Enumeration;
using Http.Server.Interop;
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

    /// <inheritdoc cref="Read(in OpenedEntry, string, Func{string, OpenedEntry}, SymlinkPolicy, bool, out bool, List{string})"/>
    public static List<ListingEntry> Read(ContentRoot root, string fullPath, SymlinkPolicy policy, bool hideDotfiles, out bool hasLinks)
    {
        var opened = root.Open(fullPath, keepsDirectory: true);
        using var handle = opened.Handle;
        return Read(opened, fullPath, path => root.Open(path), policy, hideDotfiles, out hasLinks);
    }

    /// <summary>
    /// The entries in the order of their names, case disregarded as in Python. Left out is what a request would find as 404: links
    /// that the policy forbids, devices and pipes, and files that are still being uploaded.
    /// </summary>
    /// <param name="directory">The directory; where it has a handle, what is read is in that one, whatever becomes of its path.</param>
    /// <param name="fullPath">Where it lies.</param>
    /// <param name="open">Opens a path as for a request.</param>
    /// <param name="policy">Which links are shown.</param>
    /// <param name="hideDotfiles">Names that begin with a dot are left out.</param>
    /// <param name="hasLinks">There are links, shown or not: what they lead to can change and this directory's stamp will not tell.</param>
    /// <param name="unreadable">Takes the names of what is there and may not be looked at; null if nobody wants to know.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static List<ListingEntry> Read(
        in OpenedEntry directory, string fullPath, Func<string, OpenedEntry> open, SymlinkPolicy policy, bool hideDotfiles, out bool hasLinks,
        List<string>? unreadable = null)
    {
        if (directory.Kind != EntryKind.Directory)
            throw new DirectoryNotFoundException($"There is no directory {fullPath}.");
        if (directory.IsDenied)
            throw new UnauthorizedAccessException($"The directory {fullPath} may not be read.");
        hasLinks = false;
        var entries = new List<ListingEntry>();
        foreach (var (name, kind, isLink, stamp) in directory.Handle is null ? FindByPath(fullPath) : FindByHandle(directory))
        {
            hasLinks |= isLink;
            if (name[0] == '.' && (hideDotfiles || UploadName.IsTemporary(name)))
                continue;
            if (!isLink && kind != EntryKind.None)
                entries.Add(new ListingEntry(name, kind, isLink, stamp.Size, stamp.ModifiedUtc));
            if (isLink ? policy == SymlinkPolicy.Refuse : stamp != default || unreadable is null)
                continue;
            var target = open(System.IO.Path.Join(fullPath, name));
            target.Handle?.Dispose();
            if (target.IsDenied && target.Kind == EntryKind.None)
                unreadable?.Add(name);
            if (target.Kind != EntryKind.None)
                entries.Add(new ListingEntry(name, target.Kind, isLink, target.Stamp.Size, target.Stamp.ModifiedUtc));
        }

        entries.Sort(static (one, other) =>
            string.Compare(one.Name, other.Name, StringComparison.OrdinalIgnoreCase) is var order and not 0
                ? order
                : string.CompareOrdinal(one.Name, other.Name));
        return entries;
    }

    private static IEnumerable<(string Name, EntryKind Kind, bool IsLink, FileStamp Stamp)> FindByHandle(OpenedEntry directory)
    {
        foreach (var name in LinuxDirectory.ReadNames(directory.Handle!))
        {
            var kind = LinuxFiles.StatEntry(directory.Handle!, name, out var stamp, out var isLink);
            yield return (name, kind, isLink, stamp);
        }
    }

    private static IEnumerable<(string Name, EntryKind Kind, bool IsLink, FileStamp Stamp)> FindByPath(string fullPath)
    {
        var found = new FileSystemEnumerable<(string Name, bool IsLink)>(
            fullPath,
            static (ref FileSystemEntry entry) => (entry.FileName.ToString(), (entry.Attributes & FileAttributes.ReparsePoint) != 0),
            Everything);
        foreach (var (name, isLink) in found)
        {
            FileStamp stamp = default;
            var kind = isLink ? EntryKind.None : PortableFiles.Stat(System.IO.Path.Join(fullPath, name), out stamp);
            yield return (name, kind, isLink, stamp);
        }
    }
}
