using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Http.Server.Benchmarks.Load;

/// <summary>What a connection costs that has had an answer and is kept open.</summary>
internal sealed class IdleScenario(ServerRecipe recipe, SampleTree tree)
{
    private const int Connections = 10_000;

    /// <summary>These come first and are not counted: they bring in what the server needs once.</summary>
    private const int WarmUp = 200;

    private static readonly byte[] Request = "GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();

    /// <exception cref="LoadException">The connections cannot be opened.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var server = ServerProcess.Start(recipe, tree);
        var open = new List<Socket>(WarmUp + Connections);
        try
        {
            await OpenAsync(server, open, WarmUp, stop);
            var before = server.ResidentBytes;
            await OpenAsync(server, open, Connections, stop);
            var each = (server.ResidentBytes - before) / 1024.0 / Connections;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"\nidle: {Connections:N0} kept connections take {each:F1} KiB each; the server has {server.ResidentBytes / (1024.0 * 1024):F1} MiB"));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.TooManyOpenSockets)
        {
            // The runtime has raised the soft limit to the hard one when this process and the server's started.
            throw new LoadException(
                $"idle: after {open.Count} connections no more could be opened. Raise the hard limit of descriptors (ulimit -Hn) above {Connections + 1000}.");
        }
        finally
        {
            foreach (var socket in open)
                socket.Dispose();
        }
    }

    private static async Task OpenAsync(ServerProcess server, List<Socket> open, int count, CancellationToken stop)
    {
        var buffer = new byte[4096];
        for (; count > 0; count--)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            open.Add(socket);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Port), stop);
            await socket.SendAsync(Request, stop);
            // A head and the file; what is left in the socket's buffer does not matter to the server.
            if (await socket.ReceiveAsync(buffer, stop) == 0)
                throw new LoadException($"idle: the server closed connection {open.Count} rather than answer.");
        }
    }
}
