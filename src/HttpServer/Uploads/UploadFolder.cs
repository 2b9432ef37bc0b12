using Http.Server.Files;
using Http.Server.Protocol;
using Http.Server.Resources;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Uploads;

/// <summary>
/// A directory that files are put into, found through no link and held: on Linux by a handle, so that it stays this very
/// directory whatever becomes of its path; elsewhere by its path. The names that it is given are checked already.
/// </summary>
internal sealed class UploadFolder : IDisposable
{
    /// <summary>Looking at what has a name and taking that name are one step among all uploads of this process.</summary>
    private static readonly Lock Publishing = new();

    private readonly SafeFileHandle? _handle;
    private readonly string _path;
    private readonly bool _namesAtOnce;

    private UploadFolder(SafeFileHandle? handle, string path, bool namesAtOnce) =>
        (_handle, _path, _namesAtOnce) = (handle, path, namesAtOnce);

    /// <summary>Opens a directory below a root that is held by a handle.</summary>
    /// <param name="root">The root.</param>
    /// <param name="relativePath">The path below it.</param>
    /// <param name="namesAtOnce">Files on their way have temporary names, as on file systems where they must.</param>
    public static UploadFolder Open(SafeFileHandle root, string relativePath, bool namesAtOnce = false) =>
        LinuxFiles.OpenFolder(root, relativePath, out var error) is { } handle
            ? new UploadFolder(handle, "", namesAtOnce)
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
                    return new UploadFolder(null, path, namesAtOnce: true);
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
        ? PortableFolder.TryStatEntry(PathOf(name), out kind, out stamp)
        : LinuxFolder.TryStat(_handle, name, out kind, out stamp);

    /// <summary>Makes a new file for writing, which cannot be run. It is gone when it is closed, unless it has a name.</summary>
    /// <param name="temporaryName">The name it has meanwhile; null if it has none.</param>
    /// <exception cref="RequestFaultException">It cannot be made.</exception>
    public SafeFileHandle Create(out string? temporaryName)
    {
        // No file is made if it is already known that it cannot be kept.
        if (!ProcessBudget.HasDescriptors(1))
            throw Shortage.Refuse(Shortage.Descriptors);
        var file = Open(out temporaryName);
        if (!ProcessBudget.IsLast(file.DangerousGetHandle()))
            return file;
        file.Dispose();
        if (temporaryName is not null)
            Delete(temporaryName);
        throw Shortage.Refuse(Shortage.Descriptors);
    }

    private SafeFileHandle Open(out string? temporaryName)
    {
        temporaryName = null;
        if (_handle is not null)
        {
            return (_namesAtOnce ? null : LinuxTemporaryFiles.CreateUnnamed(_handle))
                ?? LinuxTemporaryFiles.CreateTemporary(_handle, out temporaryName, out var error)
                ?? throw UploadFault.OfFile(error, null);
        }

        try
        {
            temporaryName = UploadName.MakeTemporary();
            return PortableFolder.Create(PathOf(temporaryName));
        }
        catch (Exception exception) when (PortableFiles.IsMissing(exception))
        {
            throw UploadFault.OfFile(exception);
        }
    }

    /// <summary>Gives a whole file its name.</summary>
    /// <param name="file">The file.</param>
    /// <param name="temporaryName">The name it has; null for none.</param>
    /// <param name="name">The name it gets.</param>
    /// <param name="mayReplace">
    /// Whether what has the name is to be replaced, asked just before that is done or not; throws if it is to stay.
    /// </param>
    /// <returns>Whether something was to be replaced.</returns>
    /// <exception cref="RequestFaultException">The name is another's, or cannot be given.</exception>
    public bool Publish(SafeFileHandle file, string? temporaryName, string name, Func<bool> mayReplace)
    {
        lock (Publishing)
        {
            var replaces = mayReplace();
            if (_handle is not null)
            {
                var error = (temporaryName, replaces) switch
                {
                    (null, true) => LinuxTemporaryFiles.Name(_handle, file, name),
                    (null, false) => LinuxTemporaryFiles.NameNew(_handle, file, name),
                    (_, true) => LinuxFolder.Rename(_handle, temporaryName, name),
                    _ => LinuxFolder.RenameNew(_handle, temporaryName, name),
                };
                return error == 0 ? replaces : throw UploadFault.OfFile(error, null);
            }

            try
            {
                PortableFolder.Rename(PathOf(temporaryName!), PathOf(name), replaces);
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
            LinuxFolder.Delete(_handle, name);
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
