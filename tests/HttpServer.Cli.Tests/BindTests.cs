using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

public sealed class BindTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public BindTests() => _folder.Write("a.txt", "content");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_an_address_all_interfaces_are_served_and_the_line_says_so()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-d", _folder.Path);
        Assert.Equal($"Serving {_folder.Path} on http://localhost:{program.Port}/ ... (all interfaces)", program.Announcement);
        var own = NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork)
            .Append(IPAddress.Loopback);
        foreach (var address in own.Distinct())
            Assert.Equal("content", await GetAsync(new IPEndPoint(address, program.Port)));
        if (HasIPv6Loopback())
            Assert.Equal("content", await GetAsync(new IPEndPoint(IPAddress.IPv6Loopback, program.Port)));
    }

    [Theory]
    [InlineData("-b")]
    [InlineData("--bind")]
    public async Task One_address_is_served_alone(string option)
    {
        await using var program = await ServerProgram.ServeAsync("0", option, "127.0.0.1", "-d", _folder.Path);
        Assert.Equal($"Serving {_folder.Path} on http://127.0.0.1:{program.Port}/ ...", program.Announcement);
        Assert.Equal("content", await GetAsync(new IPEndPoint(IPAddress.Loopback, program.Port)));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(new IPEndPoint(IPAddress.Parse("127.0.0.2"), program.Port)));
    }

    [Fact]
    public async Task An_IPv6_address_is_served_with_or_without_brackets()
    {
        Assert.SkipUnless(HasIPv6Loopback(), "This machine has no IPv6.");
        foreach (var address in new[] { "::1", "[::1]" })
        {
            await using var program = await ServerProgram.ServeAsync("0", "-b", address, "-d", _folder.Path);
            Assert.Equal($"Serving {_folder.Path} on http://[::1]:{program.Port}/ ...", program.Announcement);
            Assert.Equal("content", await GetAsync(new IPEndPoint(IPAddress.IPv6Loopback, program.Port)));
        }
    }

    [Fact]
    public async Task Localhost_means_both_loopbacks_at_one_port()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "localhost", "-d", _folder.Path);
        Assert.StartsWith($"Serving {_folder.Path} on http://127.0.0.1:{program.Port}/", program.Announcement);
        Assert.Equal("content", await GetAsync(new IPEndPoint(IPAddress.Loopback, program.Port)));
        Assert.SkipUnless(HasIPv6Loopback(), "This machine has no IPv6.");
        Assert.EndsWith($", http://[::1]:{program.Port}/ ...", program.Announcement);
        Assert.Equal("content", await GetAsync(new IPEndPoint(IPAddress.IPv6Loopback, program.Port)));
    }

    [Fact]
    public async Task Several_addresses_are_all_served_and_told()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no Unix domain sockets.");
        Assert.SkipUnless(HasIPv6Loopback(), "This machine has no IPv6.");
        var socket = Path.Combine(_folder.Path, "s");
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "--bind", "::1", "-b", $"unix:{socket}", "-d", _folder.Path);
        Assert.Equal(
            $"Serving {_folder.Path} on http://127.0.0.1:{program.Port}/, http://[::1]:{program.Port}/, unix:{socket} ...", program.Announcement);
        Assert.Equal("content", await GetAsync(new IPEndPoint(IPAddress.Loopback, program.Port)));
        Assert.Equal("content", await GetAsync(new IPEndPoint(IPAddress.IPv6Loopback, program.Port)));
        Assert.Equal("content", await GetAsync(new UnixDomainSocketEndPoint(socket)));
    }

    [Fact]
    public async Task The_same_address_twice_is_served_once()
    {
        await using var program = await ServerProgram.ServeAsync("0", "-b", "127.0.0.1", "-b", "127.0.0.1", "-d", _folder.Path);
        Assert.Equal($"Serving {_folder.Path} on http://127.0.0.1:{program.Port}/ ...", program.Announcement);
    }

    [Fact]
    public async Task A_unix_socket_is_removed_at_the_end_and_one_that_a_dead_process_left_is_taken_over()
    {
        Assert.SkipUnless(Socket.OSSupportsUnixDomainSockets, "This system has no Unix domain sockets.");
        var path = Path.Combine(_folder.Path, "s");
        await using (var killed = await ServerProgram.ServeAsync("-b", $"unix:{path}", "-d", _folder.Path))
            Assert.Equal($"Serving {_folder.Path} on unix:{path} ...", killed.Announcement);
        Assert.True(File.Exists(path));
        await using var program = await ServerProgram.ServeAsync("-b", $"unix:{path}", "-d", _folder.Path);
        Assert.Equal("content", await GetAsync(new UnixDomainSocketEndPoint(path)));
        Assert.Equal(0, (await program.StopAsync()).ExitCode);
        Assert.False(File.Exists(path));
    }

    internal static bool HasIPv6Loopback() => NetworkInterface.GetAllNetworkInterfaces()
        .Any(network => network.GetIPProperties().UnicastAddresses.Any(unicast => unicast.Address.Equals(IPAddress.IPv6Loopback)));

    private static async Task<string> GetAsync(EndPoint endPoint)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var isUnix = endPoint is UnixDomainSocketEndPoint;
                var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
                await socket.ConnectAsync(endPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(new Uri("http://test/a.txt"));
    }
}
