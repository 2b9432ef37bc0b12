using System.Net;
using System.Net.Sockets;

namespace Http.Server.Benchmarks.Events;

/// <summary>Many clients that listen, and tell when all of them have got something.</summary>
internal sealed class ListeningCrowd(int port) : IAsyncDisposable
{
    private static readonly byte[] Request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    private readonly List<Socket> _sockets = [];
    private TaskCompletionSource _arrived = new();
    private int _missing;

    /// <summary>Connects clients, and waits until each has got the head.</summary>
    public async Task AddAsync(int count)
    {
        var buffer = new byte[4096];
        for (var at = 0; at < count; at++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            await socket.SendAsync(Request);
            if (await socket.ReceiveAsync(buffer) == 0)
                throw new IOException("The server has ended a connection.");
            _sockets.Add(socket);
            _ = ReadAsync(socket);
        }
    }

    /// <summary>Ends when each client has got something more.</summary>
    public Task ExpectAll()
    {
        _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _missing, _sockets.Count);
        return _arrived.Task;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        return default;
    }

    private async Task ReadAsync(Socket socket)
    {
        var buffer = new byte[256];
        try
        {
            while (await socket.ReceiveAsync(buffer) > 0)
            {
                if (Interlocked.Decrement(ref _missing) == 0)
                    _arrived.SetResult();
            }
        }
        catch (SocketException)
        {
            // The measurement has ended.
        }
        catch (ObjectDisposedException)
        {
            // The same.
        }
    }
}
