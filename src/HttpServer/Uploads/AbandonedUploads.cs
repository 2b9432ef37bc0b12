using System.IO.Enumeration;
using System.Text;
using Http.Server.Files;
using Http.Server.Interop;
using Http.Server.Protocol;
using Http.Server.Resources;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Uploads;

/// <summary>
/// Removes what servers that were killed have left of uploads: files with temporary names that no process writes into. Goes down
/// a tree through no link, nearest directories first.
/// </summary>
internal sealed class AbandonedUploads
{
    /// <summary>
    /// Names that are looked at, less than two seconds' worth. A tree may be larger than any start of a server should
    /// read.
    /// </summary>
    public const int MaxNames = 1_000_000;

    private static readonly byte[] Prefix = Encoding.ASCII.GetBytes(UploadName.TemporaryPrefix);

    private readonly CancellationToken _cancellation;
    private int _namesLeft;

    private AbandonedUploads(int mostNames, CancellationToken cancellationToken) =>
        (_namesLeft, _cancellation) = (mostNames, cancellationToken);

    /// <summary>Removes them from a directory that is held by a handle, and from those below it.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <param name="mostNames">Names that are looked at.</param>
    /// <returns>How many were removed.</returns>
    public static int Remove(SafeFileHandle root, CancellationToken cancellationToken, int mostNames = MaxNames)
    {
        var search = new AbandonedUploads(mostNames, cancellationToken);
        var waiting = new Queue<string>([""]);
        var count = 0;
        while (search.GoesOn && waiting.TryDequeue(out var path))
            count += search.RemoveIn(root, path, waiting);
        return count;
    }

    /// <summary>Removes them from a directory that is known by its path, and from those below it.</summary>
    /// <param name="rootPath">The directory.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <param name="mostNames">Names that are looked at.</param>
    /// <returns>How many were removed.</returns>
    public static int Remove(string rootPath, CancellationToken cancellationToken, int mostNames = MaxNames)
    {
        var search = new AbandonedUploads(mostNames, cancellationToken);
        var files = new FileSystemEnumerable<string>(
            rootPath,
            static (ref FileSystemEntry entry) => entry.ToFullPath(),
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = true })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) =>
                search.Count() && !entry.IsDirectory && (entry.Attributes & FileAttributes.ReparsePoint) == 0
                    && UploadName.IsMade(entry.FileName),
            ShouldRecursePredicate = (ref FileSystemEntry entry) =>
                search.GoesOn && (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        };
        return files.Count(PortableFolder.RemoveAbandoned);
    }

    private bool GoesOn => _namesLeft > 0 && !_cancellation.IsCancellationRequested;

    private bool Count() => GoesOn && --_namesLeft >= 0;

    private int RemoveIn(SafeFileHandle root, string path, Queue<string> waiting)
    {
        var opened = LinuxFiles.OpenPlain(root, path, keepsDirectory: true);
        using var directory = opened.Handle;
        if (opened.Kind != EntryKind.Directory || directory is null)
            return 0;
        var found = new List<string>();
        try
        {
            LinuxDirectory.Visit(directory, (name, type) =>
            {
                if (!Count())
                    return;
                if (name.StartsWith(Prefix))
                    found.Add(RawText.Decode(name));
                else if (type is LinuxDirectory.Directory or LinuxDirectory.Unknown)
                    waiting.Enqueue(path.Length == 0 ? RawText.Decode(name) : $"{path}/{RawText.Decode(name)}");
            });
        }
        catch (IOException)
        {
            // A directory that cannot be read keeps what it has.
        }

        return found.Count(name => UploadName.IsMade(name) && ProcessBudget.HasDescriptors(1)
            && LinuxTemporaryFiles.RemoveAbandoned(directory, name));
    }
}
