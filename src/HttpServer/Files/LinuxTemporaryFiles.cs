using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using Http.Server.Interop;
using Http.Server.Protocol;
using Http.Server.Resources;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// Files of Linux on their way to their names. On most file systems they have none until they are whole (<c>O_TMPFILE</c>), so
/// that a process that is killed leaves nothing. Elsewhere they have a temporary name, and are locked for as long as a process
/// writes into them.
/// </summary>
internal static unsafe class LinuxTemporaryFiles
{
    private const int OpenReadWrite = 2;
    private const int OpenCreate = 0x40;
    private const int OpenExclusive = 0x80;
    private const uint ReadAndWrite = 0x1b6; // 0666, from which the system takes the process' umask
    private const int LinkFollowed = 0x400; // AT_SYMLINK_FOLLOW
    private const int LockShared = 1; // LOCK_SH
    private const int LockAlone = 2; // LOCK_EX
    private const int LockAtOnce = 4; // LOCK_NB

    /// <summary>
    /// Temporary names that are tried: another process takes one away only in the moment before the file is
    /// locked.
    /// </summary>
    private const int MaxNames = 16;

    /// <summary>File systems, by their numbers, in which a file may be made without a name and get one later.</summary>
    private static readonly ConcurrentDictionary<ulong, bool> NamingLater = new();

    /// <summary>Makes a new file for writing in a directory, without a name, locked; it cannot be run.</summary>
    /// <returns>Null if it cannot be made, or could not be given a name later.</returns>
    public static SafeFileHandle? CreateUnnamed(SafeFileHandle folder)
    {
        if (LinuxStat.Read(folder, out var stamp) != EntryKind.Directory)
            return null;
        // A sandbox may let files be made and not be linked to. That must be known before a client has sent all of a file.
        if (!NamingLater.ContainsKey(stamp.Device))
        {
            if (!TryNameLater(folder))
                return null;
            NamingLater.TryAdd(stamp.Device, true);
        }

        return OpenUnnamed(folder);
    }

    /// <summary>Makes a new file for writing in a directory under a temporary name, locked; it cannot be run.</summary>
    /// <returns>Null if it cannot be made.</returns>
    public static SafeFileHandle? CreateTemporary(SafeFileHandle folder, out string name, out int error)
    {
        for (var attempt = 1; ; attempt++)
        {
            name = UploadName.MakeTemporary();
            // A new file is never made through a link.
            var descriptor = LinuxOpening.OpenName(
                (int)folder.DangerousGetHandle(), LinuxFiles.Encode(name).AsSpan(..^1),
                    OpenReadWrite | OpenCreate | OpenExclusive | LinuxFiles.OpenCloseOnExec, ReadAndWrite);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            Shortage.ThrowIfShort(error);
            if (descriptor < 0)
                return null;
            var file = new SafeFileHandle(descriptor, ownsHandle: true);
            // A server that is starting just now may have found the file before it was locked, and removed it.
            if ((TryLock(file, LockShared, out _) && LinuxFolder.TryStat(folder, name, out _, out _)) || attempt == MaxNames)
                return file;
            file.Dispose();
            LinuxFolder.Delete(folder, name);
        }
    }

    /// <summary>Gives a file without a name one that nothing has.</summary>
    /// <returns>The system's error number; 0 for none.</returns>
    public static int NameNew(SafeFileHandle folder, SafeFileHandle file, string name)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}");
        fixed (byte* old = LinuxFiles.Encode(path), encoded = LinuxFiles.Encode(name))
            return Libc.Link(LinuxStat.AtCurrentDirectory, old, (int)folder.DangerousGetHandle(), encoded, LinkFollowed) == 0
                ? 0
                : Marshal.GetLastPInvokeError();
    }

    /// <summary>
    /// Gives a file without a name one. It replaces a file of that name, but no directory. No call does that in one step:
    /// the file has a temporary name for a moment.
    /// </summary>
    /// <returns>The system's error number; 0 for none.</returns>
    public static int Name(SafeFileHandle folder, SafeFileHandle file, string name)
    {
        var temporaryName = UploadName.MakeTemporary();
        if (NameNew(folder, file, temporaryName) is var linkError and not 0)
            return linkError;
        var error = LinuxFolder.Rename(folder, temporaryName, name);
        if (error != 0)
            LinuxFolder.Delete(folder, temporaryName);
        return error;
    }

    /// <summary>Removes a file that has a temporary name, unless a process writes into it.</summary>
    /// <param name="folder">The directory.</param>
    /// <param name="name">The name.</param>
    /// <returns>Whether it has been removed.</returns>
    public static bool RemoveAbandoned(SafeFileHandle folder, string name)
    {
        var descriptor = LinuxOpening.OpenPlain((int)folder.DangerousGetHandle(), LinuxFiles.Encode(name).AsSpan(..^1),
            OpenReadWrite | LinuxFiles.OpenNonBlocking | LinuxFiles.OpenNoTerminal);
        if (descriptor < 0)
            return false;
        using var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (LinuxStat.Read(file, out _) != EntryKind.File || !TryLock(file, LockAlone, out var isLocked) || !isLocked)
            return false;
        return LinuxFolder.Delete(folder, name);
    }

    private static SafeFileHandle? OpenUnnamed(SafeFileHandle folder)
    {
        var descriptor = LinuxOpening.OpenUnnamed((int)folder.DangerousGetHandle(), ".\0"u8, OpenReadWrite, ReadAndWrite);
        if (descriptor < 0)
        {
            Shortage.ThrowIfShort(Marshal.GetLastPInvokeError());
            return null;
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        TryLock(file, LockShared, out _);
        return file;
    }

    private static bool TryNameLater(SafeFileHandle folder)
    {
        using var file = OpenUnnamed(folder);
        var name = UploadName.MakeTemporary();
        if (file is null || NameNew(folder, file, name) != 0)
            return false;
        LinuxFolder.Delete(folder, name);
        return true;
    }

    /// <summary>Locks a file, if nothing else has locked it and its file system has locks.</summary>
    /// <param name="file">The file, open for reading and writing: NFS makes of the locks its own, which need both.</param>
    /// <param name="kind">Shared by who writes, so that readers who lock what they read are not kept from it when it has its
    /// name.</param>
    /// <param name="isLocked">Whether it is locked.</param>
    /// <returns>False if something else has locked it.</returns>
    private static bool TryLock(SafeFileHandle file, int kind, out bool isLocked)
    {
        isLocked = Libc.Lock((int)file.DangerousGetHandle(), kind | LockAtOnce) == 0;
        return isLocked || Marshal.GetLastPInvokeError() != LinuxFiles.ErrorAgain;
    }
}
