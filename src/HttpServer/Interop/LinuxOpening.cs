using System.Runtime.InteropServices;

namespace Http.Server.Interop;

/// <summary>Linux's calls on one name in a directory that is held open; those that lead on pass no link.</summary>
internal static unsafe partial class LinuxOpening
{
    // From Linux's fcntl.h. Two flags have other numbers on ARM and POWER than on the other processors that .NET runs on.
    private const int CurrentDirectory = -100;
    private const int PathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;
    private const int ErrorLoop = 40; // ELOOP
    private const int ErrorNoDirectory = 20; // ENOTDIR

    private static readonly bool HasOldNumbers =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Armv6
            or Architecture.Ppc64le;

    private static readonly int Directory = HasOldNumbers ? 0x4000 : 0x10000;
    private static readonly int NoFollow = HasOldNumbers ? 0x8000 : 0x20000;
    private static readonly int Unnamed = 0x400000 | Directory; // O_TMPFILE

    /// <summary>Opens a directory to open what is below it, links followed.</summary>
    /// <returns>A descriptor; below 0 if there is none, and then the error number is the last of the call.</returns>
    public static int OpenDirectory(ReadOnlySpan<byte> path)
    {
        fixed (byte* encoded = path)
            return Libc.OpenAt(CurrentDirectory, encoded, PathOnly | CloseOnExec | Directory, 0);
    }

    /// <summary>
    /// Opens a path below a directory one name after the other, through no link: what <c>openat2</c> does in one
    /// call.
    /// </summary>
    /// <param name="directory">The directory's descriptor.</param>
    /// <param name="path">The path with a NUL at its end, without a slash at its start; it has no dot segments but for one
    /// alone.</param>
    /// <param name="flags">How the last name is opened.</param>
    /// <param name="error">The system's error number; 0 for none.</param>
    /// <returns>A descriptor; below 0 if there is none.</returns>
    public static int OpenByNames(int directory, ReadOnlySpan<byte> path, int flags, out int error)
    {
        var current = directory;
        var rest = path[..^1];
        while (true)
        {
            var slash = rest.IndexOf((byte)'/');
            var name = slash < 0 ? rest : rest[..slash];
            if (name.SequenceEqual(".."u8))
            {
                Leave(current, directory);
                error = ErrorLoop;
                return -1;
            }

            var isLast = slash < 0;
            var next = OpenName(current, name, isLast ? flags | NoFollow : PathOnly | CloseOnExec | Directory | NoFollow);
            error = next < 0 ? Marshal.GetLastPInvokeError() : 0;
            Leave(current, directory);
            // What is no directory because it is a link is told as openat2 does.
            if (next < 0 && error == ErrorNoDirectory && !isLast)
                error = ErrorLoop;
            if (next < 0 || isLast)
                return next;
            current = next;
            rest = rest[(slash + 1)..];
        }
    }

    /// <summary>
    /// Makes a file without a name on a directory's file system: it is gone with its last descriptor, however the process ends.
    /// Not every file system can.
    /// </summary>
    /// <param name="directory">A directory's descriptor; what <paramref name="path"/> is relative to.</param>
    /// <param name="path">The directory, with a NUL at its end.</param>
    /// <param name="flags">How the file is opened, for writing at least.</param>
    /// <param name="mode">Who may do what with it, from which the system takes the process' umask.</param>
    /// <returns>A descriptor; below 0 if there is none, and then the error number is the last of the call.</returns>
    public static int OpenUnnamed(int directory, ReadOnlySpan<byte> path, int flags, uint mode)
    {
        fixed (byte* encoded = path)
            return Libc.OpenAt(directory, encoded, flags | Unnamed | CloseOnExec, mode);
    }

    /// <inheritdoc cref="OpenUnnamed(int, ReadOnlySpan{byte}, int, uint)"/>
    public static int OpenUnnamed(ReadOnlySpan<byte> path, int flags, uint mode) =>
        OpenUnnamed(CurrentDirectory, path, flags, mode);

    /// <summary>Opens one name in a directory, through no link.</summary>
    public static int OpenPlain(int directory, ReadOnlySpan<byte> name, int flags) =>
        OpenName(directory, name, flags | NoFollow | CloseOnExec);

    /// <summary>Opens one name in a directory.</summary>
    public static int OpenName(int directory, ReadOnlySpan<byte> name, int flags, uint mode = 0)
    {
        const int MaxOnStack = 512;
        var buffer = name.Length < MaxOnStack ? stackalloc byte[MaxOnStack] : new byte[name.Length + 1];
        name.CopyTo(buffer);
        buffer[name.Length] = 0;
        fixed (byte* encoded = buffer)
            return Libc.OpenAt(directory, encoded, flags, mode);
    }

    /// <summary>What a link holds; null for what is no link.</summary>
    /// <param name="path">The link's path with a NUL at its end.</param>
    public static byte[]? ReadLink(ReadOnlySpan<byte> path)
    {
        // PATH_MAX: no link is longer.
        const int MaxTarget = 4096;
        var target = stackalloc byte[MaxTarget];
        fixed (byte* encoded = path)
        {
            var length = (int)Libc.ReadLink(encoded, target, MaxTarget);
            return length < 0 ? null : new ReadOnlySpan<byte>(target, length).ToArray();
        }
    }

    private static void Leave(int current, int directory)
    {
        if (current != directory)
            _ = Libc.Close(current);
    }
}
