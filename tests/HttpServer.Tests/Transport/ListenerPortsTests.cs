using System.Net;
using System.Net.Sockets;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Transport;

/// <summary>The next port is taken if the given one is in use, and PortAttempts permits it.</summary>
public sealed class ListenerPortsTests
{
    private static readonly IPAddress SecondLoopback = IPAddress.Parse("127.0.0.2");

    [Fact]
    public async Task A_port_in_use_makes_way_for_the_next_free_one()
    {
        using var taken = Take(IPAddress.Loopback, 0);
        await using var server = NewServer(100, [new IPEndPoint(IPAddress.Loopback, PortOf(taken))]);
        Assert.InRange(server.ServerPort, PortOf(taken) + 1, PortOf(taken) + 99);
    }

    [Fact]
    public async Task A_free_port_is_taken_as_it_is()
    {
        await using var before = NewServer(1, [new IPEndPoint(IPAddress.Loopback, 0)]);
        var port = before.ServerPort;
        await before.DisposeAsync();
        await using var server = NewServer(100, [new IPEndPoint(IPAddress.Loopback, port)]);
        Assert.Equal(port, server.ServerPort);
    }

    [Fact]
    public async Task All_addresses_get_the_same_port()
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "macOS has one IPv4 loopback address.");
        using var taken = Take(SecondLoopback, 0);
        var port = PortOf(taken);
        await using var server = NewServer(100, [new IPEndPoint(IPAddress.Loopback, port), new IPEndPoint(SecondLoopback, port)]);
        Assert.NotEqual(port, server.ServerPort);
        Assert.Equal([server.ServerPort, server.ServerPort], server.EndPoints.Select(static endPoint => ((IPEndPoint)endPoint).Port));
        // What was bound for the attempt that failed is given back.
        using var free = Take(IPAddress.Loopback, port);
    }

    [Fact]
    public void The_search_ends_and_says_how_far_it_went()
    {
        var (first, second) = TakeTwo();
        using (first)
        using (second)
        {
            var failure = Assert.Throws<ServerStartException>(() => NewServer(2, [new IPEndPoint(IPAddress.Loopback, PortOf(first))]));
            Assert.Contains($"127.0.0.1:{PortOf(first)}: this port and the next 1 are in use", failure.Message);
        }
    }

    [Fact]
    public void The_last_port_has_none_behind_it()
    {
        using var taken = TakeLast();
        var failure = Assert.Throws<ServerStartException>(() => NewServer(100, [new IPEndPoint(IPAddress.Loopback, IPEndPoint.MaxPort)]));
        Assert.Contains($"port {IPEndPoint.MaxPort} is in use", failure.Message);
    }

    [Fact]
    public void Another_fault_is_told_at_once()
    {
        var failure = Assert.Throws<ServerStartException>(() => NewServer(100, [new IPEndPoint(IPAddress.Parse("192.0.2.1"), 50_000)]));
        Assert.Contains("192.0.2.1:50000: this machine has no such address", failure.Message);
    }

    [Fact]
    public void A_unix_domain_socket_in_use_has_no_next_one()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no Unix domain sockets.");
        using var directory = new TempDirectory();
        var address = new UnixDomainSocketEndPoint(Path.Combine(directory.Path, "s"));
        using var taken = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        taken.Bind(address);
        taken.Listen();
        var failure = Assert.Throws<ServerStartException>(() => NewServer(100, [new IPEndPoint(IPAddress.Loopback, 1024), address]));
        Assert.Contains("another program listens there", failure.Message);
    }

    [Fact]
    public void No_attempt_makes_no_sense() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => NewServer(0, [new IPEndPoint(IPAddress.Loopback, 0)]));

    private static HttpServer NewServer(int attempts, IEnumerable<EndPoint> addresses) =>
        new(addresses, static () => new SimpleHttpRequestHandler(), new HttpServerOptions { Log = NullLog.Instance, PortAttempts = attempts });

    private static Socket Take(IPAddress address, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen();
        return socket;
    }

    /// <summary>Null if another program has it already, which is as good.</summary>
    private static Socket? TakeLast()
    {
        try
        {
            return Take(IPAddress.Loopback, IPEndPoint.MaxPort);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return null;
        }
    }

    private static (Socket First, Socket Second) TakeTwo()
    {
        while (true)
        {
            var first = Take(IPAddress.Loopback, 0);
            try
            {
                return (first, Take(IPAddress.Loopback, PortOf(first) + 1));
            }
            catch (Exception exception) when (exception is SocketException or ArgumentOutOfRangeException)
            {
                first.Dispose();
            }
        }
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
