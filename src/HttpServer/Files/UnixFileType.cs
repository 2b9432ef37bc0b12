using System.Runtime.InteropServices;
using Http.Server.Interop;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// What .NET does not tell of files on Unix: which are regular, for a device is to it a file of no length; and who they are and
/// when they were changed in any way.
/// </summary>
internal static unsafe class UnixFileType
{
    // From macOS' sys/stat.h: a 32-bit st_dev, then the 16-bit st_mode, the 64-bit st_ino at 8, and st_ctimespec of two 64-bit
    // numbers at 64; the whole structure has 144 bytes.
    private const int MacModeOffset = 4;
    private const int MacInodeOffset = 8;
    private const int MacChangedOffset = 64;
    private const int MacStatSize = 144;
    private const int TypeMask = 0xf000;
    private const int TypeRegular = 0x8000;

    /// <summary>Whether a handle is of a regular file; true where that cannot be told.</summary>
    public static bool IsRegular(SafeFileHandle handle)
    {
        if (LinuxStat.IsSupported)
            return LinuxStat.Read(handle, out _) == EntryKind.File;
        if (!OperatingSystem.IsMacOS())
            return true;
        var data = stackalloc byte[MacStatSize];
        return (IsArm ? Libc.FStat(handle, data) : Libc.FStat64(handle, data)) == 0 && HasRegularMode(data);
    }

    /// <summary>Whether a regular file stands at a path, links followed; true where that cannot be told.</summary>
    public static bool IsRegular(string path)
    {
        if (LinuxStat.IsSupported)
            return LinuxStat.Read(path, out _) == EntryKind.File;
        if (!OperatingSystem.IsMacOS())
            return true;
        var data = stackalloc byte[MacStatSize];
        return (IsArm ? Libc.Stat(path, data) : Libc.Stat64(path, data)) == 0 && HasRegularMode(data);
    }

    /// <summary>
    /// Reads a file's number and the ticks of its last change of any kind; both are 0 where they are not
    /// known.
    /// </summary>
    public static void ReadIdentity(SafeFileHandle handle, out ulong inode, out long changed)
    {
        (inode, changed) = (0, 0);
        if (LinuxStat.IsSupported)
        {
            LinuxStat.Read(handle, out var stamp);
            (inode, changed) = (stamp.Inode, stamp.Changed);
        }
        else if (OperatingSystem.IsMacOS())
        {
            var data = stackalloc byte[MacStatSize];
            if ((IsArm ? Libc.FStat(handle, data) : Libc.FStat64(handle, data)) != 0)
                return;
            inode = *(ulong*)(data + MacInodeOffset);
            var time = (long*)(data + MacChangedOffset);
            changed = DateTime.UnixEpoch.Ticks + (time[0] * TimeSpan.TicksPerSecond) + (time[1] / TimeSpan.NanosecondsPerTick);
        }
    }

    // On Intel the plain names are those of an older structure.
    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static bool HasRegularMode(byte* data) => (*(ushort*)(data + MacModeOffset) & TypeMask) == TypeRegular;
}
