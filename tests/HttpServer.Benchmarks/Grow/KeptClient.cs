using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Grow;

/// <summary>One kept connection that asks for one thing after the other, and takes answers that tell their length.</summary>
internal sealed class KeptClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];

    public KeptClient(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>Asks for a path until the answer is whole.</summary>
    /// <exception cref="LoadException">The answer is not 200, or tells no length.</exception>
    public void Get(string path)
    {
        _socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var (count, end) = (0, -1);
        while (end < 0)
        {
            count += Receive(_buffer.AsSpan(count));
            end = _buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8);
        }

        var head = Encoding.ASCII.GetString(_buffer, 0, end);
        var length = head.Split("\r\n").FirstOrDefault(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        if (!head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) || length is null)
            throw new LoadException($"{path} was answered with: {head}");
        var left = long.Parse(length.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture) - (count - end - 4);
        while (left > 0)
            left -= Receive(_buffer);
    }

    /// <summary>
    /// Microseconds that one answer takes: the mean of a batch, of several batches the least, for what else the machine does makes
    /// figures larger and never smaller.
    /// </summary>
    /// <param name="path">What is asked for.</param>
    /// <param name="requests">Requests of a batch.</param>
    /// <param name="batches">Batches.</param>
    /// <param name="before">Done before each batch, outside of the measured time.</param>
    public double Measure(string path, int requests, int batches = 7, Action? before = null)
    {
        var least = double.MaxValue;
        for (var batch = 0; batch < batches; batch++)
        {
            before?.Invoke();
            var watch = Stopwatch.StartNew();
            for (var request = 0; request < requests; request++)
                Get(path);
            least = Math.Min(least, watch.Elapsed.TotalMicroseconds / requests);
        }

        return least;
    }

    public void Dispose() => _socket.Dispose();

    private int Receive(Span<byte> into) => _socket.Receive(into) is > 0 and var count
        ? count
        : throw new LoadException("The server closed the connection in the middle of an answer.");
}
