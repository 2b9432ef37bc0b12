using System.Net.Sockets;

namespace Http.Server.Transport;

/// <summary>The faults that are a client's or a stop's normal end, by name: never errors, at most debug lines.</summary>
internal static class ExpectedFaults
{
    /// <summary>Whether the exception only says that the other side, or this side's own stop, ended the connection.</summary>
    public static bool IsConnectionEnd(Exception exception) => exception switch
    {
        ConnectionEndedException => true,
        ObjectDisposedException => true,
        SocketException socket => IsConnectionEnd(socket.SocketErrorCode),
        IOException { InnerException: SocketException socket } => IsConnectionEnd(socket.SocketErrorCode),
        _ => false,
    };

    /// <summary>Whether the end of the connection lies behind an exception, however a host has wrapped it.</summary>
    public static bool IsCausedByConnectionEnd(Exception exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (IsConnectionEnd(inner))
                return true;
        }

        return false;
    }

    /// <summary>Whether accepting may go on: the connection was gone before it was taken.</summary>
    public static bool IsLostBeforeAccept(SocketError error) => error is
        SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.NetworkDown or SocketError.HostDown
        or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.ProtocolOption
        or SocketError.OperationNotSupported or SocketError.Interrupted or SocketError.TimedOut;

    private static bool IsConnectionEnd(SocketError error) => error is
        SocketError.ConnectionReset       // the client closed with data unread, or crashed
        or SocketError.ConnectionAborted  // Windows' word for it
        or SocketError.Shutdown           // EPIPE: the client had closed before this write
        or SocketError.TimedOut           // the client's machine no longer answers
        or SocketError.NetworkReset or SocketError.HostUnreachable or SocketError.NetworkUnreachable
        or SocketError.NotConnected
        or SocketError.OperationAborted;  // this side aborted it: a deadline or a stop
}
