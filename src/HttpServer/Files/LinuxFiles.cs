using System.Runtime.InteropServices;
using Http.Server.Interop;
using Http.Server.Protocol;
using Http.Server.Resources;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// The two system calls of Linux that .NET has no name for and that this server lives on: <c>openat2</c> opens a path below a
/// directory without any race about links, and <c>statx</c> reads all about a file in one call. Elsewhere, and where a
/// sandbox forbids them, <see cref="PortableFiles"/> does the same with more calls.
/// </summary>
internal static unsafe partial class LinuxFiles
{
    // From Linux's asm-generic/fcntl.h, linux/openat2.h and linux/stat.h; the same on every architecture that .NET runs on.
    private const int AtCurrentDirectory = -100;
    private const int AtEmptyPath = 0x1000;
    private const int OpenReadOnly = 0;
    private const int OpenNoTerminal = 0x100;
    private const int OpenNonBlocking = 0x800;
    private const int OpenCloseOnExec = 0x80000;
    private const int OpenPathOnly = 0x200000;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveNoLinks = 0x04;
    private const ulong ResolveBeneath = 0x08;
    private const long OpenAt2Number = 437;
    private const uint StatxBasic = 0x7ff;
    private const int TypeMask = 0xf000;
    private const int TypeDirectory = 0x4000;
    private const int TypeRegular = 0x8000;
    private const int ErrorAgain = 11; // EAGAIN
    private const int ErrorAccess = 13; // EACCES
    private const int ErrorCrossesRoot = 18; // EXDEV
    private const int TypeLink = 0xa000;

    /// <summary>
    /// How often a path is tried anew that the system could not judge, since something was renamed anywhere in the system
    /// meanwhile. A program that renames without a pause makes requests fail at last, and lets them see no more.
    /// </summary>
    private const int MaxAttempts = 128;

    /// <summary><c>statx</c> is there and permitted.</summary>
    public static bool HasStatx { get; } = OperatingSystem.IsLinux()
        && Probe(static () => Stat("/", out _) == EntryKind.Directory);

    /// <summary>Both calls are there and permitted.</summary>
    public static bool IsSupported { get; } = HasStatx && Probe(static () =>
    {
        using var root = OpenRoot("/", out _);
        return root is not null && Open(root, "."u8,
            new OpenHow { Flags = OpenPathOnly | OpenCloseOnExec, Resolve = ResolveBeneath }, out _) is var descriptor
            && descriptor >= 0 && Close(descriptor);
    });

    /// <summary>The path as the system takes it: the bytes of <see cref="RawText"/> with a NUL at the end.</summary>
    public static byte[] Encode(string path)
    {
        var bytes = RawText.Encode(path);
        Array.Resize(ref bytes, bytes.Length + 1);
        return bytes;
    }

    /// <summary>Reads what stands at a path, links followed.</summary>
    public static EntryKind Stat(ReadOnlySpan<byte> encodedPath, out FileStamp stamp)
    {
        fixed (byte* path = encodedPath)
            return Stat(AtCurrentDirectory, path, 0, out stamp);
    }

    /// <inheritdoc cref="Stat(ReadOnlySpan{byte}, out FileStamp)"/>
    public static EntryKind Stat(string path, out FileStamp stamp) => Stat(Encode(path), out stamp);

    /// <summary>
    /// Reads what stands in a directory under a name; a link is told as such, and is neither file nor
    /// directory.
    /// </summary>
    /// <param name="directory">The directory's handle.</param>
    /// <param name="name">The name, behind which there is a NUL.</param>
    /// <param name="stamp">Its stamp.</param>
    /// <param name="isLink">Whether it is a link.</param>
    public static EntryKind StatEntry(SafeFileHandle directory, ReadOnlySpan<byte> name, out FileStamp stamp, out bool isLink)
    {
        fixed (byte* path = name)
        {
            var type = StatType((int)directory.DangerousGetHandle(), path, LinkNotFollowed, out stamp);
            isLink = type == TypeLink;
            return KindOf(type);
        }
    }

    /// <summary>A handle that only names a directory, to open below it.</summary>
    public static SafeFileHandle? OpenRoot(string path, out FileStamp stamp)
    {
        stamp = default;
        var descriptor = LinuxOpening.OpenDirectory(Encode(path));
        if (descriptor < 0)
        {
            Shortage.ThrowIfShort(Marshal.GetLastPInvokeError());
            return null;
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Stat(descriptor, stackalloc byte[1], AtEmptyPath, out stamp) == EntryKind.Directory)
            return handle;
        handle.Dispose();
        return null;
    }

    /// <summary>Opens what stands at a path below a root.</summary>
    /// <param name="root">The root.</param>
    /// <param name="relativePath">The path below it, without a slash at its start; empty for the root itself.</param>
    /// <param name="policy">What links may do.</param>
    /// <param name="isUndecided">The path passes a link that the system does not judge: one that leaves the root, if only for a
    /// while.</param>
    /// <param name="keepsDirectory">A directory is opened as well, to read its names.</param>
    /// <exception cref="RequestFaultException">503: there are too few descriptors.</exception>
    public static OpenedEntry Open(SafeFileHandle root, string relativePath, SymlinkPolicy policy, out bool isUndecided,
        bool keepsDirectory = false)
    {
        var resolve = policy switch
        {
            SymlinkPolicy.Follow => 0UL,
            SymlinkPolicy.Refuse => ResolveNoLinks | ResolveBeneath,
            _ => ResolveBeneath | ResolveNoMagicLinks,
        };
        return Open(root, relativePath, resolve, keepsDirectory, out isUndecided);
    }

    /// <summary>Opens what stands at a path below a directory, through no link.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="relativePath">The path below it, without a slash at its start; empty for the directory itself.</param>
    /// <param name="keepsDirectory">A directory is opened as well, to read its names.</param>
    /// <param name="byNames">Not by <c>openat2</c>, as where it is missing.</param>
    public static OpenedEntry OpenPlain(SafeFileHandle root, string relativePath, bool keepsDirectory, bool byNames = false) =>
        Open(root, relativePath, byNames || !IsSupported ? null : ResolveNoLinks | ResolveBeneath, keepsDirectory, out _);

    // What openat2 is told of links; null for a way without it and without links.
    private static OpenedEntry Open(SafeFileHandle root, string relativePath, ulong? resolve, bool keepsDirectory,
        out bool isUndecided)
    {
        // Without O_NONBLOCK, opening a pipe would wait for a program that writes into it.
        const ulong Read = OpenReadOnly | OpenCloseOnExec | OpenNonBlocking | OpenNoTerminal;
        var path = Encode(relativePath.Length == 0 ? "." : relativePath);
        var descriptor = Open(root, path, Read, resolve, out var error);
        isUndecided = resolve is not null && error is ErrorCrossesRoot or ErrorAgain;
        if (error == 0)
            return Identify(descriptor, keepsDirectory);
        if (error != ErrorAccess)
            return OpenedEntry.None;
        // A directory that may be passed but not read can still have an index page.
        descriptor = Open(root, path, OpenPathOnly | OpenCloseOnExec, resolve, out _);
        var found = descriptor < 0 ? OpenedEntry.None : Identify(descriptor, keepsDirectory: false);
        found.Handle?.Dispose();
        return found.Kind == EntryKind.Directory ? found with { IsDenied = true } : OpenedEntry.Denied;
    }

    private static int Open(SafeFileHandle root, ReadOnlySpan<byte> path, ulong flags, ulong? resolve, out int error)
    {
        if (resolve is { } rules)
            return Open(root, path, new OpenHow { Flags = flags, Resolve = rules }, out error);
        var added = false;
        root.DangerousAddRef(ref added);
        try
        {
            var descriptor = LinuxOpening.OpenByNames((int)root.DangerousGetHandle(), path, (int)flags, out error);
            Shortage.ThrowIfShort(error);
            return descriptor;
        }
        finally
        {
            root.DangerousRelease();
        }
    }

    private static int Open(SafeFileHandle root, ReadOnlySpan<byte> encodedPath, OpenHow how, out int error)
    {
        var added = false;
        root.DangerousAddRef(ref added);
        try
        {
            fixed (byte* path = encodedPath)
            {
                var attempt = 1;
                while (true)
                {
                    var descriptor = (int)Libc.SystemCall(OpenAt2Number, (int)root.DangerousGetHandle(), path, &how,
                        sizeof(OpenHow));
                    error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
                    Shortage.ThrowIfShort(error);
                    if (error != ErrorAgain || attempt++ == MaxAttempts)
                        return descriptor;
                }
            }
        }
        finally
        {
            root.DangerousRelease();
        }
    }

    /// <summary>Reads what a handle is of.</summary>
    public static EntryKind Stat(SafeFileHandle handle, out FileStamp stamp)
    {
        var added = false;
        handle.DangerousAddRef(ref added);
        try
        {
            return Stat((int)handle.DangerousGetHandle(), stackalloc byte[1], AtEmptyPath, out stamp);
        }
        finally
        {
            handle.DangerousRelease();
        }
    }

    private static OpenedEntry Identify(int descriptor, bool keepsDirectory)
    {
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var kind = Stat(descriptor, stackalloc byte[1], AtEmptyPath, out var stamp);
        if (kind == EntryKind.File || (kind == EntryKind.Directory && keepsDirectory))
        {
            Shortage.ThrowIfLast(handle);
            return new OpenedEntry(kind, handle, stamp);
        }

        handle.Dispose();
        return new OpenedEntry(kind, null, stamp);
    }

    private static bool Close(int descriptor)
    {
        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return true;
    }

    private static EntryKind Stat(int descriptor, Span<byte> path, int flags, out FileStamp stamp)
    {
        path[0] = 0;
        fixed (byte* encoded = path)
            return Stat(descriptor, encoded, flags, out stamp);
    }

    private static EntryKind Stat(int descriptor, byte* path, int flags, out FileStamp stamp) =>
        KindOf(StatType(descriptor, path, flags, out stamp));

    private static EntryKind KindOf(int type) => type switch
    {
        TypeRegular => EntryKind.File,
        TypeDirectory => EntryKind.Directory,
        _ => EntryKind.None,
    };

    private static int StatType(int descriptor, byte* path, int flags, out FileStamp stamp)
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

    private static bool Probe(Func<bool> attempt)
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

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

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
