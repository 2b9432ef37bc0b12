using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Content;

/// <summary>Tells regular files from devices and pipes on Unix: to .NET they are all files, and a device is one of no length.</summary>
internal static unsafe partial class UnixFileType
{
    // From macOS' sys/stat.h: a 32-bit st_dev, then the 16-bit st_mode; the whole structure has 144 bytes.
    private const int MacModeOffset = 4;
    private const int MacStatSize = 144;
    private const int TypeMask = 0xf000;
    private const int TypeRegular = 0x8000;

    /// <summary>Whether a handle is of a regular file; true where that cannot be told.</summary>
    public static bool IsRegular(SafeFileHandle handle)
    {
        if (LinuxFiles.HasStatx)
            return LinuxFiles.Stat(handle, out _) == EntryKind.File;
        if (!OperatingSystem.IsMacOS())
            return true;
        var data = stackalloc byte[MacStatSize];
        return (IsArm ? FStat(handle, data) : FStat64(handle, data)) == 0 && HasRegularMode(data);
    }

    /// <summary>Whether a regular file stands at a path, links followed; true where that cannot be told.</summary>
    public static bool IsRegular(string path)
    {
        if (LinuxFiles.HasStatx)
            return LinuxFiles.Stat(path, out _) == EntryKind.File;
        if (!OperatingSystem.IsMacOS())
            return true;
        var data = stackalloc byte[MacStatSize];
        return (IsArm ? Stat(path, data) : Stat64(path, data)) == 0 && HasRegularMode(data);
    }

    // On Intel the plain names are those of an older structure.
    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static bool HasRegularMode(byte* data) => (*(ushort*)(data + MacModeOffset) & TypeMask) == TypeRegular;

    [LibraryImport("libc", EntryPoint = "fstat")]
    private static partial int FStat(SafeFileHandle handle, byte* data);

    [LibraryImport("libc", EntryPoint = "fstat$INODE64")]
    private static partial int FStat64(SafeFileHandle handle, byte* data);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, byte* data);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat64(string path, byte* data);
}
