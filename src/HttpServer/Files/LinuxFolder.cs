using System.Runtime.InteropServices;
using Http.Server.Interop;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// Names in a directory of Linux that is held open, so that no link and no renamed directory can lead the writing elsewhere.
/// </summary>
internal static unsafe class LinuxFolder
{
    private const uint RenameNoReplace = 1;
    private const int ErrorNotPermitted = 1; // EPERM
    private const int ErrorExists = 17; // EEXIST
    private const int ErrorInvalid = 22; // EINVAL
    private const int ErrorNoCall = 38; // ENOSYS
    private const int ErrorNotSupported = 95; // EOPNOTSUPP

    /// <summary>Reads what stands in a directory under a name, a link being no file.</summary>
    /// <returns>False if there is nothing.</returns>
    public static bool TryStat(SafeFileHandle folder, string name, out EntryKind kind, out FileStamp stamp)
    {
        kind = LinuxStat.ReadEntry(folder, LinuxFiles.Encode(name), out stamp, out _);
        return stamp != default;
    }

    /// <summary>Gives a file of a directory another name. It replaces a file of that name, but no directory.</summary>
    /// <returns>The system's error number; 0 for none.</returns>
    public static int Rename(SafeFileHandle folder, string from, string to)
    {
        var directory = (int)folder.DangerousGetHandle();
        fixed (byte* old = LinuxFiles.Encode(from), name = LinuxFiles.Encode(to))
            return Libc.Rename(directory, old, directory, name) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>
    /// Gives a file of a directory another name, unless something has that name. Looked up and done in one step, but for file
    /// systems that have no such step: there the caller sees to it that this process renames nothing else meanwhile.
    /// </summary>
    /// <returns>The system's error number; 0 for none.</returns>
    public static int RenameNew(SafeFileHandle folder, string from, string to)
    {
        var directory = (int)folder.DangerousGetHandle();
        fixed (byte* old = LinuxFiles.Encode(from), name = LinuxFiles.Encode(to))
        {
            try
            {
                if (Libc.Rename(directory, old, directory, name, RenameNoReplace) == 0)
                    return 0;
                // Some file systems do not know the flag: NFS, for one. They have links, which never replace anything either.
                var error = Marshal.GetLastPInvokeError();
                if (error is not (ErrorInvalid or ErrorNoCall))
                    return error;
            }
            catch (EntryPointNotFoundException)
            {
            }

            if (Libc.Link(directory, old, directory, name, 0) == 0)
            {
                _ = Libc.Unlink(directory, old, 0);
                return 0;
            }

            if (Marshal.GetLastPInvokeError() is var linkError and not (ErrorNotPermitted or ErrorNotSupported))
                return linkError;
            return TryStat(folder, to, out _, out _) ? ErrorExists : Rename(folder, from, to);
        }
    }

    /// <summary>Deletes a file of a directory; one that is not there is no fault.</summary>
    /// <returns>Whether it has been deleted.</returns>
    public static bool Delete(SafeFileHandle folder, string name)
    {
        fixed (byte* path = LinuxFiles.Encode(name))
            return Libc.Unlink((int)folder.DangerousGetHandle(), path, 0) == 0;
    }
}
