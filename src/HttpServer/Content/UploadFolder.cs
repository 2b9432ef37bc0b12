using Http.Server.Resources;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Content;

/// <summary>
/// A directory that files are put into, found through no link and held: on Linux by a handle, so that it stays this very directory
/// whatever becomes of its path; elsewhere by its path. The names that it is given are checked already.
/// </summary>
internal sealed class UploadFolder : IDisposable
{
    /// <summary>Looking at what has a name and taking that name are one step among all uploads of this process.</summary>
    private static readonly Lock Publishing = new();

    private readonly SafeFileHandle? _handle;
    private readonly string _path;

    private UploadFolder(SafeFileHandle? handle, string path) => (_handle, _path) = (handle, path);

    /// <summary>Opens a directory below a root that is held by a handle.</summary>
    public static UploadFolder Open(SafeFileHandle root, string relativePath) =>
        LinuxFiles.OpenFolder(root, relativePath, out var error) is { } handle
            ? new UploadFolder(handle, "")
            : throw UploadFault.OfFolder(error, null);

    /// <summary>Opens a directory below a root that is known by its path.</summary>
    public static UploadFolder Open(string rootPath, string relativePath)
    {
        try
        {
            if (PortableFiles.Resolve(rootPath, out _) is { } realRoot)
            {
                var path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.Join(realRoot, relativePath));
                if (PortableFiles.Resolve(path, out var links) is null || links > 0)
                    throw UploadFault.ThroughLink(null);
                if (System.IO.Directory.Exists(path))
                    return new UploadFolder(null, path);
            }
        }
        catch (Exception exception) when (exception is not RequestFaultException && PortableFiles.IsMissing(exception))
        {
            throw UploadFault.OfFolder(0, exception);
        }

        throw UploadFault.OfFolder(0, null);
    }

    /// <summary>Reads what has a name here; a link is neither file nor directory.</summary>
    /// <returns>False if nothing has.</returns>
    public bool TryStat(string name, out EntryKind kind, out FileStamp stamp) => _handle is null
        ? PortableFiles.TryStatEntry(PathOf(name), out kind, out stamp)
        : LinuxFiles.TryStat(_handle, name, out kind, out stamp);

    /// <summary>Makes a new file for writing, which nobody may run.</summary>
    /// <exception cref="RequestFaultException">It cannot be made.</exception>
    public SafeFileHandle Create(string name)
    {
        // Asked beforehand: a file that is made and then cannot be kept would have to be removed again.
        if (!ProcessBudget.HasDescriptors(1))
            throw Shortage.Refuse("file descriptors of this process");
        if (_handle is not null)
            return LinuxFiles.Create(_handle, name, out var error) ?? throw UploadFault.OfFile(error, null);
        try
        {
            return PortableFiles.Create(PathOf(name));
        }
        catch (Exception exception) when (PortableFiles.IsMissing(exception))
        {
            throw UploadFault.OfFile(exception);
        }
    }

    /// <summary>Gives a whole file its name.</summary>
    /// <param name="temporaryName">The name it has.</param>
    /// <param name="name">The name it gets.</param>
    /// <param name="mayReplace">
    /// Whether what has the name is to be replaced, asked just before that is done or not; throws if it is to stay.
    /// </param>
    /// <returns>Whether something was to be replaced.</returns>
    /// <exception cref="RequestFaultException">The name is another's, or cannot be given.</exception>
    public bool Publish(string temporaryName, string name, Func<bool> mayReplace)
    {
        lock (Publishing)
        {
            var replaces = mayReplace();
            if (_handle is not null)
            {
                var error = replaces ? LinuxFiles.Rename(_handle, temporaryName, name) : LinuxFiles.RenameNew(_handle, temporaryName, name);
                return error == 0 ? replaces : throw UploadFault.OfFile(error, null);
            }

            try
            {
                PortableFiles.Rename(PathOf(temporaryName), PathOf(name), replaces);
                return replaces;
            }
            catch (Exception exception) when (PortableFiles.IsMissing(exception))
            {
                throw UploadFault.OfFile(exception);
            }
        }
    }

    /// <summary>Deletes a file as well as can be done.</summary>
    public void Delete(string name)
    {
        if (_handle is not null)
        {
            LinuxFiles.Delete(_handle, name);
            return;
        }

        try
        {
            File.Delete(PathOf(name));
        }
        catch (Exception exception) when (PortableFiles.IsMissing(exception))
        {
            // Its name tells what it is.
        }
    }

    public void Dispose() => _handle?.Dispose();

    private string PathOf(string name) => System.IO.Path.Join(_path, name);
}
