using System.Text;
using Http.Server.Interop;

namespace Http.Server.Transport.Listening;

/// <summary>Tells a Unix domain socket's file from every other kind, which must never be deleted.</summary>
internal static unsafe class SocketFile
{
    // From Linux's linux/stat.h and asm-generic/fcntl.h; the same on every architecture that .NET runs on.
    private const int AtCurrentDirectory = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const uint StatxType = 0x1;
    private const int StatxSize = 256;
    private const int StatxModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int TypeSocket = 0xc000;

    /// <summary>
    /// Whether a socket's file stands at a path to which a connection was just refused. Linux refuses connections to files of any
    /// kind, so the file's type is looked at; false where that cannot be done. macOS refuses them for sockets only and has
    /// another error for the rest. On Windows such a file is a reparse point that is no link.
    /// </summary>
    public static bool IsWhatRefused(string path)
    {
        if (OperatingSystem.IsLinux())
            return IsSocketOnLinux(path);
        if (OperatingSystem.IsWindows())
            return File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint) && new FileInfo(path).LinkTarget is null;
        return true;
    }

    private static bool IsSocketOnLinux(string path)
    {
        var data = stackalloc byte[StatxSize];
        fixed (byte* encoded = Encoding.UTF8.GetBytes(path + '\0'))
        {
            try
            {
                return Libc.Statx(AtCurrentDirectory, encoded, AtSymlinkNoFollow, StatxType, data) == 0
                    && (*(ushort*)(data + StatxModeOffset) & TypeMask) == TypeSocket;
            }
            catch (EntryPointNotFoundException)
            {
                return false;
            }
        }
    }
}
