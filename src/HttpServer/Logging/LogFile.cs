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

    // Windows' winnt.h and fileapi.h.
    private const uint AppendData = 0x4;
    private const uint Synchronize = 0x100000;
    private const uint ShareAll = 0x7;
    private const uint OpenAlways = 4;

    // From fcntl.h: O_APPEND | O_NOCTTY | O_CLOEXEC.
    private static readonly int UnixFlags = WriteOnly | (OperatingSystem.IsMacOS()
        ? 0x8 | 0x20000 | 0x1000000
        : 0x400 | 0x100 | 0x80000);

    private readonly string _path;
    private SafeFileHandle _handle;

    /// <summary>Opens a file, which is made if there is none.</summary>
    /// <exception cref="IOException">It cannot be opened or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public LogFile(string path)
    {
        // The path is made absolute now, because the working directory may change before the file is opened again.
        _path = Path.GetFullPath(path);
        _handle = Open(_path);
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

    private static SafeFileHandle Open(string path)
    {
        if (Directory.Exists(path))
            throw new IOException("It is a directory.");
        return OperatingSystem.IsWindows() ? OpenOnWindows(path) : OpenOnUnix(path);
    }

    private static SafeFileHandle OpenOnUnix(string path)
    {
        var descriptor = Libc.Open(path, UnixFlags);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == NoSuchFile)
        {
            // open takes the rights of a new file as a variable argument, which cannot be given from here on every system; .NET
            // can.
            File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete).Dispose();
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

    private static Exception Problem(int error)
    {
        var message = Marshal.GetPInvokeErrorMessage(error) + ".";
        return error is NoAccess or NotPermitted ? new UnauthorizedAccessException(message) : new IOException(message, error);
    }

    private static SafeFileHandle OpenOnWindows(string path)
    {
        var handle = Kernel32.CreateFile(path, AppendData | Synchronize, ShareAll, 0, OpenAlways, 0, 0);
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
