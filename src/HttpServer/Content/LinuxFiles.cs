using System.Runtime.InteropServices;
using System.Text;
using Http.Server.Resources;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Content;

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

    /// <summary><c>statx</c> is there and permitted.</summary>
    public static bool HasStatx { get; } = OperatingSystem.IsLinux() && Probe(static () => Stat("/", out _) == EntryKind.Directory);

    /// <summary>Both calls are there and permitted.</summary>
    public static bool IsSupported { get; } = HasStatx && Probe(static () =>
    {
        using var root = OpenRoot("/", out _);
        return root is not null;
    });

    /// <summary>The path as the system takes it: UTF-8 with a NUL at the end.</summary>
    public static byte[] Encode(string path)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return bytes;
    }

    /// <summary>Reads what stands at a path, links followed.</summary>
    public static EntryKind Stat(ReadOnlySpan<byte> encodedPath, out FileStamp stamp)
    {
        fixed (byte* path = encodedPath)
            return Stat(AtCurrentDirectory, path, 0, out stamp);
    }

    /// <inheritdoc cref="Stat(ReadOnlySpan{byte}, out FileStamp)"/>
    public static EntryKind Stat(string path, out FileStamp stamp)
    {
        const int MostOnStack = 512;
        var most = Encoding.UTF8.GetMaxByteCount(path.Length) + 1;
        var buffer = most <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[most];
        var count = Encoding.UTF8.GetBytes(path, buffer);
        buffer[count] = 0;
        return Stat(buffer[..(count + 1)], out stamp);
    }

    /// <summary>A handle that only names a directory, to open below it.</summary>
    public static SafeFileHandle? OpenRoot(string path, out FileStamp stamp)
    {
        stamp = default;
        fixed (byte* encoded = Encode(path))
        {
            var how = new OpenHow { Flags = OpenPathOnly | OpenCloseOnExec };
            var descriptor = (int)SystemCall(OpenAt2Number, AtCurrentDirectory, encoded, &how, sizeof(OpenHow));
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
    }

    /// <summary>Opens what stands at a path below a root.</summary>
    /// <param name="root">The root.</param>
    /// <param name="relativePath">The path below it, without a slash at its start; empty for the root itself.</param>
    /// <param name="policy">What links may do.</param>
    /// <param name="isUndecided">
    /// The path passes a link that the system does not judge: an absolute one, or one with <c>..</c> while something was renamed
    /// anywhere in the system.
    /// </param>
    /// <exception cref="RequestFaultException">503: there are too few descriptors.</exception>
    public static OpenedEntry Open(SafeFileHandle root, ReadOnlySpan<char> relativePath, SymlinkPolicy policy, out bool isUndecided)
    {
        var how = new OpenHow
        {
            // Without O_NONBLOCK, opening a pipe would wait for somebody who writes into it.
            Flags = OpenReadOnly | OpenCloseOnExec | OpenNonBlocking | OpenNoTerminal,
            Resolve = policy switch
            {
                SymlinkPolicy.Follow => 0,
                SymlinkPolicy.Refuse => ResolveNoLinks | ResolveBeneath,
                _ => ResolveBeneath | ResolveNoMagicLinks,
            },
        };
        const int MostOnStack = 512;
        var most = Encoding.UTF8.GetMaxByteCount(relativePath.Length) + 2;
        var buffer = most <= MostOnStack ? stackalloc byte[MostOnStack] : new byte[most];
        var count = relativePath.IsEmpty ? 1 : Encoding.UTF8.GetBytes(relativePath, buffer);
        if (relativePath.IsEmpty)
            buffer[0] = (byte)'.';
        buffer[count] = 0;

        var added = false;
        root.DangerousAddRef(ref added);
        try
        {
            fixed (byte* path = buffer)
            {
                var descriptor = (int)SystemCall(OpenAt2Number, (int)root.DangerousGetHandle(), path, &how, sizeof(OpenHow));
                var error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
                Shortage.ThrowIfShort(error);
                isUndecided = error is ErrorCrossesRoot or ErrorAgain;
                if (error != ErrorAccess)
                    return descriptor < 0 ? OpenedEntry.None : Identify(descriptor);

                // A directory that may be passed but not read can still have an index page.
                how.Flags = OpenPathOnly | OpenCloseOnExec;
                descriptor = (int)SystemCall(OpenAt2Number, (int)root.DangerousGetHandle(), path, &how, sizeof(OpenHow));
                var found = descriptor < 0 ? OpenedEntry.None : Identify(descriptor);
                found.Handle?.Dispose();
                return found.Kind == EntryKind.Directory ? found : OpenedEntry.None;
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

    private static OpenedEntry Identify(int descriptor)
    {
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var kind = Stat(descriptor, stackalloc byte[1], AtEmptyPath, out var stamp);
        if (kind == EntryKind.File)
        {
            Shortage.ThrowIfLast(handle);
            return new OpenedEntry(kind, handle, stamp);
        }

        handle.Dispose();
        return new OpenedEntry(kind, null, stamp);
    }

    private static EntryKind Stat(int descriptor, Span<byte> path, int flags, out FileStamp stamp)
    {
        path[0] = 0;
        fixed (byte* encoded = path)
            return Stat(descriptor, encoded, flags, out stamp);
    }

    private static EntryKind Stat(int descriptor, byte* path, int flags, out FileStamp stamp)
    {
        Statx data;
        if (StatxCall(descriptor, path, flags, StatxBasic, &data) != 0)
        {
            stamp = default;
            return EntryKind.None;
        }

        stamp = new FileStamp(
            ((ulong)data.DeviceMajor << 32) | data.DeviceMinor, data.Inode, (long)data.Size, Ticks(data.Modified), Ticks(data.Changed));
        return (data.Mode & TypeMask) switch
        {
            TypeRegular => EntryKind.File,
            TypeDirectory => EntryKind.Directory,
            _ => EntryKind.None,
        };
    }

    private static long Ticks(StatxTime time) =>
        DateTime.UnixEpoch.Ticks + Math.Clamp(time.Seconds, -62_135_596_800, 253_402_300_799) * TimeSpan.TicksPerSecond + (time.Nanoseconds / 100);

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

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(long number, long directory, byte* path, OpenHow* how, long size);

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int StatxCall(int directory, byte* path, int flags, uint mask, Statx* data);

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
