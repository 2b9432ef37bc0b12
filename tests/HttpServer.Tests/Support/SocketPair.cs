using System.Net;
using System.Net.Sockets;

namespace Http.Server.Tests.Support;

/// <summary>Two sockets of this machine that are connected to each other.</summary>
internal sealed class SocketPair : IDisposable
{
    private SocketPair(Socket server, Socket client) => (Server, Client) = (server, client);

    public Socket Server { get; }

    public Socket Client { get; }

    public static async Task<SocketPair> ConnectAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        return new SocketPair(await listener.AcceptAsync(TestContext.Current.CancellationToken), client);
    }

    /// <summary>Sends bytes to the server, and waits until all that was sent and not received lies there.</summary>
    public void Send(int count)
    {
        var waiting = Server.Available + count;
        Client.Send(new byte[count]);
        Assert.True(SpinWait.SpinUntil(() => Server.Available == waiting, TimeSpan.FromSeconds(30)));
    }

    /// <summary>The server takes what lies there.</summary>
    public void Take() => Server.Receive(new byte[Server.Available]);

    /// <summary>Sends to the client until it has no room for more.</summary>
    public void Fill()
    {
        Server.Blocking = false;
        // The system makes room for a while yet: what lies in one buffer goes on to the other.
        while (Server.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectWrite))
            Server.Send(new byte[64 * 1024], SocketFlags.None, out _);
    }

    public void Dispose()
    {
        Server.Dispose();
        Client.Dispose();
    }
}
