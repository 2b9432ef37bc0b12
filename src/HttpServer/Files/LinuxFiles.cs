using System.Runtime.InteropServices;
using Http.Server.Interop;
using Http.Server.Protocol;
using Http.Server.Resources;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Files;

/// <summary>
/// Opens what lies below a directory without any race about links, by Linux's <c>openat2</c>, for which .NET has no name.
/// Elsewhere, and where a sandbox forbids the call, <see cref="PortableFiles"/> does the same with more calls.
/// </summary>
internal static unsafe class LinuxFiles
{
    // From Linux's asm-generic/fcntl.h and linux/openat2.h; the same on every architecture that .NET runs on.
    public const int OpenReadOnly = 0;
    public const int OpenNoTerminal = 0x100;
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenPathOnly = 0x200000;
    private const ulong ResolveNoMagicLinks = 0x02;
    private const ulong ResolveNoLinks = 0x04;
    private const ulong ResolveBeneath = 0x08;
    private const long OpenAt2Number = 437;
    public const int ErrorAgain = 11; // EAGAIN
    private const int ErrorAccess = 13; // EACCES
    private const int ErrorCrossesRoot = 18; // EXDEV
    private const int ErrorNoDirectory = 20; // ENOTDIR
    private const int ErrorLoop = 40; // ELOOP

    /// <summary>
    /// How often a path is tried anew that the system could not judge, since something was renamed anywhere in the system
    /// meanwhile. A program that renames without a pause makes requests fail at last, and lets them see no more.
    /// </summary>
    private const int MaxAttempts = 128;

    /// <summary>Whether <c>openat2</c> is there and permitted, and <c>statx</c> too.</summary>
    public static bool IsSupported { get; } = LinuxStat.IsSupported && LinuxStat.Probe(static () =>
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
        if (LinuxStat.Read(descriptor, out stamp) == EntryKind.Directory)
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

    /// <summary>Opens a directory below a root, without following any link.</summary>
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
        var type = LinuxStat.TypeOf(folder);
        if (type == LinuxStat.TypeDirectory)
            return folder;
        folder.Dispose();
        error = type == LinuxStat.TypeLink ? ErrorLoop : ErrorNoDirectory;
        return null;
    }

    // How openat2 treats links; null if links are refused without it.
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

    private static OpenedEntry Identify(int descriptor, bool keepsDirectory)
    {
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var kind = LinuxStat.Read(descriptor, out var stamp);
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

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
