using System.IO.Enumeration;
using Http.Server.Interop;
using Http.Server.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>Reads what of a directory can be served.</summary>
internal static class DirectoryReader
{
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        ReturnSpecialDirectories = false,
    };

    /// <summary>What is found under a name of a directory.</summary>
    private delegate void Visitor(string name, EntryKind kind, bool isLink, in FileStamp stamp);

    /// <summary>The same, in the order of their names.</summary>
    /// <inheritdoc cref="Read(in OpenedEntry, string, Func{string, OpenedEntry}, SymlinkPolicy, bool, out bool, List{string})"/>
    public static List<DirectoryEntry> Read(ContentRoot root, string fullPath, SymlinkPolicy policy, bool hideDotfiles,
        out bool hasLinks)
    {
        var opened = root.Open(fullPath, keepsDirectory: true);
        using var handle = opened.Handle;
        var entries = Read(opened, fullPath, path => root.Open(path), policy, hideDotfiles, out hasLinks);
        SortByName(entries);
        return entries;
    }

    /// <summary>
    /// The entries, in no order. Left out is what a request would find as 404: links that the policy forbids, devices and pipes,
    /// and files that are still being uploaded.
    /// </summary>
    /// <param name="directory">The directory; where it has a handle, what is read is in that one, whatever becomes of its
    /// path.</param>
    /// <param name="fullPath">Where it lies.</param>
    /// <param name="open">Opens a path as for a request.</param>
    /// <param name="policy">Which links are shown.</param>
    /// <param name="hideDotfiles">Names that begin with a dot are left out.</param>
    /// <param name="hasLinks">There are links, shown or not: what they lead to can change and this directory's stamp will not
    /// tell.</param>
    /// <param name="unreadable">Takes the names of what is there and may not be looked at; null if they are not asked
    /// for.</param>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static List<DirectoryEntry> Read(
        in OpenedEntry directory, string fullPath, Func<string, OpenedEntry> open, SymlinkPolicy policy, bool hideDotfiles,
            out bool hasLinks,
        List<string>? unreadable = null)
    {
        if (directory.Kind != EntryKind.Directory)
            throw new DirectoryNotFoundException($"There is no directory {fullPath}.");
        if (directory.IsDenied)
            throw new UnauthorizedAccessException($"The directory {fullPath} may not be read.");
        var passesLinks = false;
        var entries = new List<DirectoryEntry>();
        if (directory.Handle is { } handle)
            VisitByHandle(handle, Add);
        else
            VisitByPath(fullPath, Add);
        hasLinks = passesLinks;
        return entries;

        void Add(string name, EntryKind kind, bool isLink, in FileStamp stamp)
        {
            passesLinks |= isLink;
            if (name[0] == '.' && (hideDotfiles || UploadName.IsTemporary(name)))
                return;
            if (!isLink && kind != EntryKind.None)
                entries.Add(new DirectoryEntry(name, kind, isLink, stamp.Size, stamp.ModifiedUtc));
            if (isLink ? policy == SymlinkPolicy.Refuse : stamp != default || unreadable is null)
                return;
            var target = open(System.IO.Path.Join(fullPath, name));
            target.Handle?.Dispose();
            if (target.IsDenied && target.Kind == EntryKind.None)
                unreadable?.Add(name);
            if (target.Kind != EntryKind.None)
                entries.Add(new DirectoryEntry(name, target.Kind, isLink, target.Stamp.Size, target.Stamp.ModifiedUtc));
        }
    }

    /// <summary>Sorts entries in place by their names, case disregarded as in Python, directories among the files.</summary>
    /// <param name="entries">They have different names.</param>
    public static void SortByName(List<DirectoryEntry> entries) => entries.Sort(static (one, other) =>
        string.Compare(one.Name, other.Name, StringComparison.OrdinalIgnoreCase) is var order and not 0
            ? order
            : string.CompareOrdinal(one.Name, other.Name));

    private static void VisitByHandle(SafeFileHandle directory, Visitor visitor) => LinuxDirectory.Visit(directory, (name, _) =>
    {
        var kind = LinuxStat.ReadEntry(directory, name, out var stamp, out var isLink);
        visitor(RawText.Decode(name), kind, isLink, stamp);
    });

    private static void VisitByPath(string fullPath, Visitor visitor)
    {
        var found = new FileSystemEnumerable<(string Name, bool IsLink)>(
            fullPath,
            static (ref FileSystemEntry entry) =>
            (entry.FileName.ToString(), (entry.Attributes & FileAttributes.ReparsePoint) != 0),
            Everything);
        foreach (var (name, isLink) in found)
        {
            FileStamp stamp = default;
            var kind = isLink ? EntryKind.None : PortableFiles.Stat(System.IO.Path.Join(fullPath, name), out stamp);
            visitor(name, kind, isLink, stamp);
        }
    }
}
