using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Http.Server.Tests.Support;
using Http.Server.Transport.Listening;

namespace Http.Server.Tests.Transport.Listening;

/// <summary>By which addresses clients reach a server.</summary>
public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("192.168.1.5", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("203.0.113.9", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.0.1", false)]
    [InlineData("169.254.0.1", false)]
    [InlineData("169.253.0.1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("fd12:3456::1", true)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fe80::1%2", false)]
    [InlineData("fec0::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:192.168.1.5", false)]
    public void An_address_is_told_if_others_can_use_it(string text, bool isUsable) =>
        Assert.Equal(isUsable, ListenAddresses.Usable([IPAddress.Parse(text)]).Any());

    [Fact]
    public void Each_is_told_once_and_IPv4_first() => Assert.Equal(
        ["192.168.1.5", "10.0.0.1", "2001:db8::1", "fd00::2"],
        ListenAddresses.Usable(new[] { "2001:db8::1", "192.168.1.5", "fd00::2", "10.0.0.1", "192.168.1.5", "2001:db8:0::1" }.Select(IPAddress.Parse)).Select(address => address.ToString()));

    [Fact]
    public void What_is_listened_at_is_told_as_a_browser_takes_it() => Assert.Equal(
        ["http://127.0.0.1:8000/", "http://[::1]:8000/", "http://[fe80::1]:8000/", "http://192.0.2.1/"],
        ListenAddresses.Find(
            [
                new IPEndPoint(IPAddress.Loopback, 8000), new IPEndPoint(IPAddress.IPv6Loopback, 8000), new IPEndPoint(IPAddress.Loopback, 8000),
                new UnixDomainSocketEndPoint("/s"), new IPEndPoint(IPAddress.Parse("fe80::1%3"), 8000), new IPEndPoint(IPAddress.Parse("192.0.2.1"), 80),
            ],
            isSecure: false).Select(static uri => uri.AbsoluteUri));

    [Fact]
    public void Unix_domain_sockets_have_none() => Assert.Empty(ListenAddresses.Find([new UnixDomainSocketEndPoint("/s")], isSecure: true));

    [Fact]
    public void All_interfaces_are_localhost_and_what_they_have()
    {
        var found = ListenAddresses.Find([new IPEndPoint(IPAddress.IPv6Any, 8443)], isSecure: true);
        Assert.Equal("https://localhost:8443/", found[0].AbsoluteUri);
        Assert.Equal(found.Distinct(), found);
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(static network => network.GetIPProperties().UnicastAddresses).Select(static unicast => unicast.Address).ToList();
        Assert.All(found.Skip(1), uri => Assert.Contains(IPAddress.Parse(uri.DnsSafeHost), own));
        var outside = own.Where(static address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address) && address.GetAddressBytes() is not [169, 254, ..]);
        Assert.All(outside, address => Assert.Contains(address.ToString(), found.Select(static uri => uri.DnsSafeHost)));
        Assert.All(ListenAddresses.Find([new IPEndPoint(IPAddress.Any, 80)], isSecure: false).Skip(1), uri => Assert.Equal(UriHostNameType.IPv4, uri.HostNameType));
    }

    [Fact]
    public async Task A_server_tells_its_own()
    {
        await using var server = RunningServer.Of<SimpleHttpRequestHandler>();
        Assert.Equal([new Uri($"http://127.0.0.1:{server.Port}/")], server.Server.GetAddresses());
    }
}
