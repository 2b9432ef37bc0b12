using System.Net.Sockets;
using System.Runtime.InteropServices;
using Http.Server.Interop;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Transport.FileData;

/// <summary>
/// Linux's <c>sendfile</c>: bytes of a file go from the system's memory to a socket, as many as there is room for, through no
/// buffer of this process. .NET's own takes a path, which may be another file's by now, and no handle.
/// </summary>
internal static class KernelFileSender
{
    private const int ErrorInterrupted = 4; // EINTR, the same on every architecture that .NET runs on

    /// <summary>
    /// Has what is sent to a socket in this way never wait for the client. .NET makes a socket so when it is first waited for,
    /// which it is not where the library waits itself.
    /// </summary>
    /// <returns>False if the system cannot send files to it.</returns>
    public static bool TryPrepare(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            socket.Blocking = false;
            return true;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Sends what there is room for.</summary>
    /// <param name="socket">One that <see cref="TryPrepare"/> was true of.</param>
    /// <param name="file">The file.</param>
    /// <param name="start">Where its bytes begin.</param>
    /// <param name="max">Their number at most.</param>
    /// <returns>
    /// Their number; 0 if there is no room, the file ends here, its file system has no such call, or the client is gone. Reading
    /// and sending a block tells which.
    /// </returns>
    /// <exception cref="ObjectDisposedException">The connection has been ended.</exception>
    public static int Send(Socket socket, SafeFileHandle file, long start, int max)
    {
        while (true)
        {
            var count = Libc.SendFile(socket.SafeHandle, file, ref start, max);
            if (count >= 0)
                return (int)count;
            if (Marshal.GetLastPInvokeError() != ErrorInterrupted)
                return 0;
        }
    }
}
