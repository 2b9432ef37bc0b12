using System.Runtime.InteropServices;
using Http.Server.Interop;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <content>Writing into a directory that is held open, so that no link and no renamed directory can lead the writing
/// elsewhere.</content>
internal static unsafe partial class LinuxFiles
{
    private const int LinkNotFollowed = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint RenameNoReplace = 1;
    private const int ErrorNotPermitted = 1; // EPERM
    private const int ErrorExists = 17; // EEXIST
    private const int ErrorNoDirectory = 20; // ENOTDIR
    private const int ErrorInvalid = 22; // EINVAL
    private const int ErrorLoop = 40; // ELOOP
    private const int ErrorNoCall = 38; // ENOSYS
    private const int ErrorNotSupported = 95; // EOPNOTSUPP

    /// <summary>Opens a directory below a root, through no link whatever.</summary>
    /// <param name="root">The root.</param>
    /// <param name="relativePath">The path below it; empty for the root itself.</param>
    /// <param name="error">The system's error number.</param>
    /// <returns>Null if there is none.</returns>
    public static SafeFileHandle? OpenFolder(SafeFileHandle root, string relativePath, out int error)
    {
        var path = Encode(relativePath.Length == 0 ? "." : relativePath);
        var descriptor = Open(root, path, OpenPathOnly | OpenCloseOnExec, IsSupported
            ? ResolveNoLinks | ResolveBeneath
            : null, out error);
        if (descriptor < 0)
            return null;
        var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        var type = StatHandleType(folder);
        if (type == TypeDirectory)
            return folder;
        folder.Dispose();
        error = type == TypeLink ? ErrorLoop : ErrorNoDirectory;
        return null;
    }

    /// <summary>Reads what stands in a directory under a name, a link being no file.</summary>
    /// <returns>False if there is nothing.</returns>
    public static bool TryStat(SafeFileHandle folder, string name, out EntryKind kind, out FileStamp stamp)
    {
        fixed (byte* path = Encode(name))
            kind = Stat((int)folder.DangerousGetHandle(), path, LinkNotFollowed, out stamp);
        return stamp != default;
    }

    /// <summary>Gives a file of a directory another name, which it takes from whatever has it, a directory excepted.</summary>
    /// <returns>The system's error number; 0 for none.</returns>
    public static int Rename(SafeFileHandle folder, string from, string to)
    {
        var directory = (int)folder.DangerousGetHandle();
        fixed (byte* old = Encode(from), name = Encode(to))
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
        fixed (byte* old = Encode(from), name = Encode(to))
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
        fixed (byte* path = Encode(name))
            return Libc.Unlink((int)folder.DangerousGetHandle(), path, 0) == 0;
    }

    private static int StatHandleType(SafeFileHandle handle)
    {
        byte end = 0;
        return StatType((int)handle.DangerousGetHandle(), &end, AtEmptyPath, out _);
    }
}
