using System.Net;
using System.Net.Sockets;
using Http.Server.Transport.Polling;

namespace Http.Server.Tests.Support;

/// <summary>A connection over loopback, one end of which is the library's own.</summary>
internal sealed class PolledPair(PolledSocket server, Socket accepted, Socket client) : IDisposable
{
    public PolledSocket Server => server;

    public Socket Client => client;

    public static async Task<PolledPair> ConnectAsync(CancellationToken cancellationToken)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
        var accepted = await listener.AcceptAsync(cancellationToken);
        return new(new PolledSocket(accepted), accepted, client);
    }

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
        accepted.Dispose();
    }
}
