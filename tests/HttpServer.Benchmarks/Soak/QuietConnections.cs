using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Http.Server.Benchmarks.Soak;

/// <summary>Connections that do little: some wait, some take a large file a little at a time, some break off.</summary>
internal sealed class QuietConnections(SoakServer server) : IDisposable
{
    private static readonly byte[] Small = Encoding.ASCII.GetBytes("GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n");
    private static readonly byte[] Big = Encoding.ASCII.GetBytes("GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n");
    private static readonly byte[] Half = Encoding.ASCII.GetBytes("GET /small.txt HTTP/1.1\r\nHost: loc");

    private readonly List<Socket> _idle = [];
    private readonly List<Socket> _slow = [];
    private readonly List<Socket> _extra = [];

    /// <summary>Opens those that are kept after an answer, and those that are slow.</summary>
    public async Task OpenAsync(int idle, int slow, CancellationToken stop)
    {
        for (var count = 0; count < idle; count++)
            _idle.Add(await OpenAsync(Small, stop));
        for (var count = 0; count < slow; count++)
            _slow.Add(await OpenAsync(Big, stop));
    }

    /// <summary>Keeps them going: those that the server has closed are opened anew, and slow ones take some more.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var buffer = new byte[8 * 1024];
        try
        {
            for (; ; await Task.Delay(500, stop))
            {
                for (var at = 0; at < _slow.Count; at++)
                {
                    if (!TryTake(_slow[at], buffer))
                        await RenewAsync(_slow, at, Big, stop);
                }

                for (var at = 0; at < _idle.Count; at++)
                {
                    if (!TryTake(_idle[at], buffer))
                        await RenewAsync(_idle, at, Small, stop);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The soak is over.
        }
    }

    /// <summary>Clients that reset their connection in the middle of a request or an answer.</summary>
    public async Task ResetSomeAsync(CancellationToken stop)
    {
        foreach (var sent in new[] { Half, Small, Big })
        {
            for (var count = 0; count < 20; count++)
            {
                using var socket = await OpenAsync(sent, stop);
                socket.LingerState = new LingerOption(true, 0);
            }
        }
    }

    /// <summary>More connections than the server may have, each with half of a head.</summary>
    public async Task FloodAsync(int count, CancellationToken stop)
    {
        try
        {
            for (; count > 0; count--)
                _extra.Add(await OpenAsync(Half, stop));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The server has as many as it may, and as many as the system keeps for it wait.
        }
    }

    public void EndFlood()
    {
        foreach (var socket in _extra)
            socket.Dispose();
        _extra.Clear();
    }

    public void Dispose()
    {
        EndFlood();
        foreach (var socket in _idle.Concat(_slow))
            socket.Dispose();
    }

    private async Task RenewAsync(List<Socket> among, int at, byte[] request, CancellationToken stop)
    {
        among[at].Dispose();
        try
        {
            among[at] = await OpenAsync(request, stop);
        }
        catch (SocketException)
        {
            // It is tried again at the next round.
        }
    }

    private async Task<Socket> OpenAsync(byte[] request, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), stop);
            await socket.SendAsync(request, stop);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes what is there, a little at most.</summary>
    /// <returns>False if the connection has ended.</returns>
    private static bool TryTake(Socket socket, byte[] buffer)
    {
        try
        {
            return !socket.Poll(0, SelectMode.SelectRead) || socket.Receive(buffer) > 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
