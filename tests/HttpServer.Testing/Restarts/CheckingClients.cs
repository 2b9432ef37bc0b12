using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Http.Server.Tests.Support.Restarts;

/// <summary>
/// Clients with a kept connection each, that ask for one file after the other, compare each body, and never ask twice: what a
/// restart loses is seen here.
/// </summary>
internal sealed class CheckingClients
{
    private readonly int _port;
    private readonly IReadOnlyList<byte[]> _bodies;
    private readonly ConcurrentDictionary<string, int> _failures = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _seen = [];
    private long _answered;
    private long _failed;

    /// <param name="port">A port of the loopback address.</param>
    /// <param name="bodies">What the files <c>/0</c>, <c>/1</c> and so on have in them.</param>
    public CheckingClients(int port, IReadOnlyList<byte[]> bodies) => (_port, _bodies) = (port, bodies);

    /// <summary>Answers that were whole and right.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Requests without such an answer, and connections that were refused.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>The failures, each kind with its number.</summary>
    public IReadOnlyCollection<string> Failures => [.. _failures.Select(static kind => $"{kind.Value} times {kind.Key}")];

    /// <summary>Asks until the end.</summary>
    /// <param name="connections">Clients at once.</param>
    /// <param name="cancellationToken">Ends the asking, after the requests that run.</param>
    public Task RunAsync(int connections, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, connections).Select(number => Task.Run(() => AskAsync(number, cancellationToken), CancellationToken.None)));

    /// <summary>Waits for the first answer whose header X-Replica has this value.</summary>
    public Task WaitForAsync(string replica) => Seen(replica).Task;

    private TaskCompletionSource Seen(string replica) =>
        _seen.GetOrAdd(replica, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task AskAsync(int number, CancellationToken cancellationToken)
    {
        var (buffer, requests) = (new byte[64 * 1024], 0);
        while (!cancellationToken.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var onConnection = 0;
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, _port, CancellationToken.None);
                onConnection++;
                while (!cancellationToken.IsCancellationRequested && await AskAsync(socket, (number + requests++) % _bodies.Count, buffer))
                {
                    onConnection++;
                    Interlocked.Increment(ref _answered);
                }

                // The last answer said that it is the last.
                if (!cancellationToken.IsCancellationRequested)
                    Interlocked.Increment(ref _answered);
            }
            catch (Exception exception) when (exception is SocketException or InvalidDataException)
            {
                Interlocked.Increment(ref _failed);
                var what = onConnection switch { 0 => "connecting", 1 => "the first request of a connection", _ => "a further request" };
                _failures.AddOrUpdate($"{what}: {exception.Message}", 1, static (_, count) => count + 1);
            }
        }
    }

    /// <returns>False if the connection ends with this answer.</returns>
    private async Task<bool> AskAsync(Socket socket, int file, byte[] buffer)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /{file} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var (count, end) = (0, -1);
        while (end < 0)
        {
            count += await ReceiveAsync(socket, buffer.AsMemory(count), count);
            end = buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8);
        }

        var lines = Encoding.ASCII.GetString(buffer, 0, end).Split("\r\n");
        var body = _bodies[file];
        if (!lines[0].StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)
            || Find(lines, "Content-Length") is not { } length || int.Parse(length, CultureInfo.InvariantCulture) != body.Length)
            throw new InvalidDataException($"/{file} was answered with {lines[0]}.");
        end += 4;
        while (count - end < body.Length)
            count += await ReceiveAsync(socket, buffer.AsMemory(count), count);
        if (!buffer.AsSpan(end, count - end).SequenceEqual(body))
            throw new InvalidDataException($"/{file} has another body.");
        if (Find(lines, "X-Replica") is { } replica)
            Seen(replica).TrySetResult();
        return !string.Equals(Find(lines, "Connection"), "close", StringComparison.OrdinalIgnoreCase);
    }

    private static string? Find(string[] lines, string name) =>
        Array.Find(lines, line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];

    private static async Task<int> ReceiveAsync(Socket socket, Memory<byte> into, int before) =>
        await socket.ReceiveAsync(into) is > 0 and var count
            ? count
            : throw new InvalidDataException($"The connection was closed after {before} bytes of an answer.");
}
