using System.Net.Sockets;

namespace Http.Server.Transport.Listening;

/// <summary>
/// Connections that there is no memory for: each is told so, in bytes that lie ready, and closed. Nothing is made for them but
/// their sockets, which stay a moment: a client that is still sending when its connection is closed might lose the answer (RFC
/// 9112, section 9.6).
/// </summary>
/// <param name="isSecure">The client expects TLS, in which nothing can be said so cheaply: the connection is only closed.</param>
/// <param name="clock">The server's clock.</param>
internal sealed class RefusedConnections(bool isSecure, Clock clock) : IDisposable
{
    /// <summary>Those that stay at once. Together with their stay they bound how many are refused: 2,000 a second.</summary>
    private const int MaxStaying = 512;

    /// <summary>How long each stays, in milliseconds.</summary>
    private const int Stay = 250;

    /// <summary>Unread bytes that a connection is freed of before it is closed: the head of any request.</summary>
    private const int MaxUnread = 64 * 1024;

    private static readonly byte[] Answer = MakeAnswer();

    private readonly Queue<(Socket Socket, long Begin)> _staying = new();
    private readonly byte[] _unread = new byte[4096];
    private readonly Lock _lock = new();
    private bool _isDisposed;

    /// <summary>Whether another one can be refused now.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
                return _staying.Count < MaxStaying;
        }
    }

    /// <summary>Refuses a connection, which is closed some time later.</summary>
    public void Add(Socket socket)
    {
        try
        {
            socket.Blocking = false;
            // These few bytes fit into the empty buffer of a new connection, so this does not wait.
            if (!isSecure)
                socket.Send(Answer, SocketFlags.None, out _);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (ExpectedFaults.IsConnectionEnd(exception))
        {
            socket.Dispose();
            return;
        }

        lock (_lock)
        {
            if (!_isDisposed)
            {
                _staying.Enqueue((socket, clock.Milliseconds));
                return;
            }
        }

        socket.Dispose();
    }

    /// <summary>Closes those that have stayed long enough; called now and then.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            while (_staying.TryPeek(out var oldest) && clock.Milliseconds - oldest.Begin >= Stay)
            {
                _staying.Dequeue();
                Close(oldest.Socket);
            }
        }
    }

    /// <summary>Closes all.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            while (_staying.TryDequeue(out var next))
                Close(next.Socket);
        }
    }

    private static byte[] MakeAnswer()
    {
        const string Text = "The server has too much to do at the moment.\n";
        return System.Text.Encoding.ASCII.GetBytes(
            $"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + $"Content-Length: {Text.Length}\r\nRetry-After: 1\r\nConnection: close\r\n\r\n{Text}");
    }

    private void Close(Socket socket)
    {
        try
        {
            // Closing with unread input would reset the connection.
            for (var total = 0; total < MaxUnread;)
            {
                var count = socket.Receive(_unread, SocketFlags.None, out var error);
                if (count == 0 || error != SocketError.Success)
                    break;
                total += count;
            }
        }
        catch (Exception exception) when (ExpectedFaults.IsConnectionEnd(exception))
        {
            // The client was quicker.
        }

        socket.Dispose();
    }
}
