using Http.Server.Interop;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Logging;

/// <summary>
/// The right to begin a new file, which one of the processes has that write the same log: a lock of the file (flock(2)), which
/// ends with the turn. Where there are no such locks, on Windows, two processes are not to share a log that is kept small.
/// </summary>
internal sealed unsafe class LogTurn : IDisposable
{
    // From sys/file.h.
    private const int Exclusive = 2;
    private const int WithoutWaiting = 4;
    private const int Unlock = 8;

    // From fcntl.h and linux/stat.h: the inode, the offset of which is that of struct statx, as are those of its device.
    private const int EmptyPath = 0x1000;
    private const int CurrentDirectory = -100;
    private const uint Inode = 0x100;
    private const int InodeOffset = 32;
    private const int DeviceOffset = 136;
    private const int StatxSize = 256;

    private readonly SafeFileHandle _handle;

    private LogTurn(SafeFileHandle handle) => _handle = handle;

    private int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Takes the turn.</summary>
    /// <param name="handle">The file that is to have an end.</param>
    /// <returns>Null if another process has it.</returns>
    public static LogTurn? TryTake(SafeFileHandle handle)
    {
        var turn = new LogTurn(handle);
        return OperatingSystem.IsWindows() || Libc.Lock(turn.Descriptor, Exclusive | WithoutWaiting) == 0 ? turn : null;
    }

    /// <summary>Whether the path still names the file: if not, another has renamed it.</summary>
    public bool IsFileOf(string path)
    {
        if (!OperatingSystem.IsLinux())
            return File.Exists(path);
        var own = stackalloc byte[StatxSize];
        var named = stackalloc byte[StatxSize];
        byte none = 0;
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            return Libc.Statx(Descriptor, &none, EmptyPath, Inode, own) == 0
                && Libc.Statx(CurrentDirectory, name, 0, Inode, named) == 0
                && *(ulong*)(own + InodeOffset) == *(ulong*)(named + InodeOffset)
                && *(ulong*)(own + DeviceOffset) == *(ulong*)(named + DeviceOffset);
        }
    }

    public void Dispose()
    {
        // The lock of a file that has been closed since has ended with it.
        if (!OperatingSystem.IsWindows() && !_handle.IsClosed)
            Libc.Lock(Descriptor, Unlock);
    }
}
