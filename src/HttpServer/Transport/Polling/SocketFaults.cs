using System.Net.Sockets;

namespace Http.Server.Transport.Polling;

/// <summary>Errors of Linux's socket calls as the exceptions that .NET throws for them.</summary>
internal static class SocketFaults
{
    /// <summary>EINTR: a signal came before anything else; the call is made again.</summary>
    public const int Interrupted = 4;

    /// <summary>EAGAIN: nothing there, or no room.</summary>
    public const int Again = 11;

    /// <param name="error">A number of Linux's errno.h; the same on every architecture that .NET runs on.</param>
    public static IOException Make(int error) => Make(error switch
    {
        12 or 105 => SocketError.NoBufferSpaceAvailable, // ENOMEM, ENOBUFS
        32 => SocketError.Shutdown, // EPIPE
        101 => SocketError.NetworkUnreachable, // ENETUNREACH
        102 => SocketError.NetworkReset, // ENETRESET
        103 => SocketError.ConnectionAborted, // ECONNABORTED
        104 => SocketError.ConnectionReset, // ECONNRESET
        107 => SocketError.NotConnected, // ENOTCONN
        110 => SocketError.TimedOut, // ETIMEDOUT
        112 => SocketError.HostDown, // EHOSTDOWN
        113 => SocketError.HostUnreachable, // EHOSTUNREACH
        _ => SocketError.SocketError,
    });

    /// <summary>As .NET's streams have it.</summary>
    public static IOException Make(SocketError error)
    {
        var inner = new SocketException((int)error);
        return new IOException(inner.Message, inner);
    }
}
