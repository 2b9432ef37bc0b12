using System.Runtime.InteropServices;
using Http.Server.Interop;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>Reads all about a file in one call, by Linux's <c>statx</c>, for which .NET has no name.</summary>
internal static unsafe class LinuxStat
{
    // From Linux's asm-generic/fcntl.h and linux/stat.h; the same on every architecture that .NET runs on.
    public const int AtCurrentDirectory = -100;
    public const int TypeDirectory = 0x4000;
    public const int TypeLink = 0xa000;
    private const int TypeMask = 0xf000;
    private const int TypeRegular = 0x8000;
    private const int AtEmptyPath = 0x1000;
    private const int LinkNotFollowed = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint StatxBasic = 0x7ff;

    /// <summary>Whether the call is there and permitted.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux()
        && Probe(static () => Read("/", out _) == EntryKind.Directory);

    /// <summary>Reads what stands at a path, links followed.</summary>
    public static EntryKind Read(ReadOnlySpan<byte> encodedPath, out FileStamp stamp)
    {
        fixed (byte* path = encodedPath)
            return Read(AtCurrentDirectory, path, 0, out stamp);
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, out FileStamp)"/>
    public static EntryKind Read(string path, out FileStamp stamp) => Read(LinuxFiles.Encode(path), out stamp);

    /// <summary>
    /// Reads what stands in a directory under a name; a link is told as such, and is neither file nor
    /// directory.
    /// </summary>
    /// <param name="directory">The directory's handle.</param>
    /// <param name="name">The name, behind which there is a NUL.</param>
    /// <param name="stamp">Its stamp.</param>
    /// <param name="isLink">Whether it is a link.</param>
    public static EntryKind ReadEntry(SafeFileHandle directory, ReadOnlySpan<byte> name, out FileStamp stamp, out bool isLink)
    {
        fixed (byte* path = name)
        {
            var type = ReadType((int)directory.DangerousGetHandle(), path, LinkNotFollowed, out stamp);
            isLink = type == TypeLink;
            return KindOf(type);
        }
    }

    /// <summary>Reads what a handle is of.</summary>
    public static EntryKind Read(SafeFileHandle handle, out FileStamp stamp)
    {
        var added = false;
        handle.DangerousAddRef(ref added);
        try
        {
            return Read((int)handle.DangerousGetHandle(), out stamp);
        }
        finally
        {
            handle.DangerousRelease();
        }
    }

    /// <summary>Reads what a descriptor is of.</summary>
    public static EntryKind Read(int descriptor, out FileStamp stamp)
    {
        byte end = 0;
        return Read(descriptor, &end, AtEmptyPath, out stamp);
    }

    /// <summary>The type of what a handle is of, in the bits of the system.</summary>
    public static int TypeOf(SafeFileHandle handle)
    {
        byte end = 0;
        return ReadType((int)handle.DangerousGetHandle(), &end, AtEmptyPath, out _);
    }

    /// <summary>Whether a call is there: an attempt succeeds, and finds the library and the function.</summary>
    public static bool Probe(Func<bool> attempt)
    {
        try
        {
            return attempt();
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
        catch (DllNotFoundException)
        {
            return false;
        }
    }

    private static EntryKind Read(int descriptor, byte* path, int flags, out FileStamp stamp) =>
        KindOf(ReadType(descriptor, path, flags, out stamp));

    private static EntryKind KindOf(int type) => type switch
    {
        TypeRegular => EntryKind.File,
        TypeDirectory => EntryKind.Directory,
        _ => EntryKind.None,
    };

    private static int ReadType(int descriptor, byte* path, int flags, out FileStamp stamp)
    {
        Statx data;
        if (Libc.Statx(descriptor, path, flags, StatxBasic, &data) != 0)
        {
            stamp = default;
            return 0;
        }

        stamp = new FileStamp(
            ((ulong)data.DeviceMajor << 32) | data.DeviceMinor, data.Inode, (long)data.Size, Ticks(data.Modified),
                Ticks(data.Changed));
        return data.Mode & TypeMask;
    }

    private static long Ticks(StatxTime time) =>
        DateTime.UnixEpoch.Ticks + Math.Clamp(time.Seconds, -62_135_596_800, 253_402_300_799) * TimeSpan.TicksPerSecond
            + (time.Nanoseconds / 100);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct StatxTime
    {
        public readonly long Seconds;
        public readonly uint Nanoseconds;
        private readonly int _reserved;
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private readonly struct Statx
    {
        [FieldOffset(28)]
        public readonly ushort Mode;

        [FieldOffset(32)]
        public readonly ulong Inode;

        [FieldOffset(40)]
        public readonly ulong Size;

        [FieldOffset(96)]
        public readonly StatxTime Changed;

        [FieldOffset(112)]
        public readonly StatxTime Modified;

        [FieldOffset(136)]
        public readonly uint DeviceMajor;

        [FieldOffset(140)]
        public readonly uint DeviceMinor;
    }
}
