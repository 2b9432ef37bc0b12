using System.Text;
using Http.Server.Interop;
using Http.Server.Resources;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// Files that hold what is too long for memory. On Linux they never have a name, where the file system lets them, on other Unix
/// systems they lose it at once, and Windows deletes them with their last handle: nothing stays, however the process ends.
/// </summary>
internal static class TemporaryFile
{
    private const int ReadWrite = 2; // O_RDWR
    private const int Exclusive = 0x80; // O_EXCL: it cannot be given a name later.
    private const uint OwnerOnly = 0x180; // 0600

    /// <summary>Makes an empty file for this user alone, which is gone when it is disposed.</summary>
    /// <exception cref="RequestFaultException">503: there are too few descriptors.</exception>
    public static FileStream Create()
    {
        var file = Open();
        Shortage.ThrowIfLast(file.SafeFileHandle);
        return file;
    }

    private static FileStream Open()
    {
        if (OperatingSystem.IsLinux() && LinuxOpening.OpenUnnamed(Encoding.UTF8.GetBytes(Path.GetTempPath() + '\0'),
            ReadWrite | Exclusive, OwnerOnly) is var descriptor and >= 0)
            return new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        var path = Path.Combine(Path.GetTempPath(), $"httpserver-{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | (OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None),
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}
