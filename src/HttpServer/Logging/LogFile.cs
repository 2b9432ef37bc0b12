using System.Runtime.InteropServices;
using Http.Server.Interop;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Logging;

/// <summary>
/// A file that lines are appended to, and others may append to, cut off or rename meanwhile. The system finds the end for each
/// write (<c>O_APPEND</c>, <c>FILE_APPEND_DATA</c>), so no line is written over another's, nor to where the end was once.
/// </summary>
internal sealed unsafe class LogFile : ILineSink
{
    private const int WriteOnly = 1;
    private const int NoSuchFile = 2;
    private const int Interrupted = 4;
    private const int NoAccess = 13;
    private const int NotPermitted = 1;
    private const int MaxTries = 10;

    // Windows' winnt.h and fileapi.h.
    private const uint AppendData = 0x4;
    private const uint ReadAttributes = 0x80;
    private const uint Synchronize = 0x100000;
    private const uint ShareAll = 0x7;
    private const uint OpenAlways = 4;

    // From fcntl.h: O_APPEND | O_NOCTTY | O_CLOEXEC.
    private static readonly int UnixFlags = WriteOnly | (OperatingSystem.IsMacOS()
        ? 0x8 | 0x20000 | 0x1000000
        : 0x400 | 0x100 | 0x80000);

    private readonly string _path;
    private readonly LogRotation? _rotation;
    private SafeFileHandle _handle;

    /// <summary>The size from which on a new file is begun: more than the rotation's after one that failed.</summary>
    private long _limit;

    /// <summary>Opens a file, which is made if there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxSize">Bytes from which on a new file is begun; 0 for a file that grows without end.</param>
    /// <param name="keep">How many old files stay.</param>
    /// <exception cref="IOException">It cannot be opened or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public LogFile(string path, long maxSize = 0, int keep = 1)
    {
        // The path is made absolute now, because the working directory may change before the file is opened again.
        _path = Path.GetFullPath(path);
        _handle = Open(_path);
        if (maxSize == 0)
            return;
        if (!HasLength(_handle))
        {
            _handle.Dispose();
            throw new IOException("It is no file whose size could be limited.");
        }

        // A link goes on to lead to the newest file.
        _path = TargetOf(_path) ?? _path;
        _rotation = new LogRotation(_path, maxSize, keep);
        _limit = maxSize;
    }

    public int MakeRoom(ReadOnlySpan<byte> lines)
    {
        if (_rotation is null)
            return lines.Length;
        var first = lines.IndexOf((byte)'\n') + 1;
        var length = RandomAccess.GetLength(_handle);
        if (length > 0 && length + first > _limit)
        {
            // What fails now is tried again after as much more, not with each line.
            _limit = length + _rotation.MaxSize;
            var hasRoom = TryRotate();
            _limit = _rotation.MaxSize;
            if (!hasRoom)
                return lines.Length;
            length = RandomAccess.GetLength(_handle);
        }

        if (length + lines.Length <= _limit)
            return lines.Length;
        var fitting = lines[..(int)Math.Max(0, _limit - length)].LastIndexOf((byte)'\n') + 1;
        // A line that is larger than a file has one for itself.
        return fitting > 0 ? fitting : first > 0 ? first : lines.Length;
    }

    public int Write(ReadOnlySpan<byte> lines, out string? problem)
    {
        problem = null;
        if (OperatingSystem.IsWindows())
            return WriteOnWindows(lines, out problem);
        var written = 0;
        fixed (byte* bytes = lines)
        {
            // A disk that is nearly full takes a part of the text; writing the rest gives the error.
            while (written < lines.Length)
            {
                var count = (int)Libc.Write(_handle, bytes + written, (nuint)(lines.Length - written));
                if (count >= 0)
                {
                    written += count;
                }
                else if (Marshal.GetLastPInvokeError() is var error and not Interrupted)
                {
                    problem = Marshal.GetPInvokeErrorMessage(error);
                    return written;
                }
            }
        }

        return written;
    }

    public void Reopen()
    {
        var next = Open(_path);
        _handle.Dispose();
        _handle = next;
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Begins a new file; another process that writes the same log may have done so already.</summary>
    /// <returns>False if another process is just doing it.</returns>
    private bool TryRotate()
    {
        using var turn = LogTurn.TryTake(_handle);
        if (turn is null)
            return false;
        if (!turn.IsFileOf(_path))
        {
            Reopen();
            return true;
        }

        UnixFileMode? mode = OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(_handle);
        _rotation!.MoveFiles();
        if (mode is { } rights && !OperatingSystem.IsWindows())
            Make(_path, rights);
        Reopen();
        return true;
    }

    /// <summary>Who may read the log may read the next one, and nobody else.</summary>
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void Make(string path, UnixFileMode rights)
    {
        try
        {
            using var made = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = rights,
            });
            File.SetUnixFileMode(made.SafeFileHandle, rights);
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException))
        {
            // As in MakeOnUnix; who has made it has given it its rights.
        }
    }

    private static string? TargetOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName;
        }
        catch (FileNotFoundException)
        {
            // Another process has renamed the file since it was opened.
            return null;
        }
    }

    private static bool HasLength(SafeFileHandle handle)
    {
        try
        {
            RandomAccess.GetLength(handle);
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    private static SafeFileHandle Open(string path)
    {
        if (Directory.Exists(path))
            throw new IOException("It is a directory.");
        return OperatingSystem.IsWindows() ? OpenOnWindows(path) : OpenOnUnix(path);
    }

    private static SafeFileHandle OpenOnUnix(string path)
    {
        var descriptor = Libc.Open(path, UnixFlags);
        // One that has just been made may be renamed by another process that begins a new one.
        for (var tries = 0; descriptor < 0 && Marshal.GetLastPInvokeError() == NoSuchFile && tries < MaxTries; tries++)
        {
            // open takes the rights of a new file as a variable argument, which cannot be given from here on every system; .NET
            // can.
            MakeOnUnix(path);
            descriptor = Libc.Open(path, UnixFlags);
        }

        if (descriptor < 0)
            throw Problem(Marshal.GetLastPInvokeError());
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        // This writes no byte, but devices such as /dev/full already report their error.
        byte none = 0;
        if (Libc.Write(handle, &none, 0) >= 0)
            return handle;
        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw Problem(error);
    }

    private static void MakeOnUnix(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
        }
        catch (IOException exception) when (exception.GetType() == typeof(IOException))
        {
            // Another process has made it meanwhile, and has its turn: .NET takes a lock of its own that does not go with that.
            // If it is something else, opening the file tells it.
        }
    }

    private static Exception Problem(int error)
    {
        var message = Marshal.GetPInvokeErrorMessage(error) + ".";
        return error is NoAccess or NotPermitted ? new UnauthorizedAccessException(message) : new IOException(message, error);
    }

    private static SafeFileHandle OpenOnWindows(string path)
    {
        var handle = Kernel32.CreateFile(path, AppendData | ReadAttributes | Synchronize, ShareAll, 0, OpenAlways, 0, 0);
        if (!handle.IsInvalid)
            return handle;
        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        const int AccessDenied = 5;
        var message = Marshal.GetPInvokeErrorMessage(error);
        throw error == AccessDenied
            ? new UnauthorizedAccessException(message)
            : new IOException(message, unchecked((int)0x80070000) | error);
    }

    private int WriteOnWindows(ReadOnlySpan<byte> lines, out string? problem)
    {
        try
        {
            // With the right to append and no other, the offset says nothing.
            RandomAccess.Write(_handle, lines, 0);
            problem = null;
            return lines.Length;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = exception.Message;
            return 0;
        }
    }
}
