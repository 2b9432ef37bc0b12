using System.Net;
using System.Net.Sockets;

namespace Http.Server.Tests.Proxies;

public sealed class TrustedProxyTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", "10.255.0.1", "11.0.0.1")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", "203.0.113.9", "2001:db8::1")]
    [InlineData("2001:db8::1", "2001:db8::1", "2001:db8::1", "2001:db8::2")]
    [InlineData("fd00::/8", "fd00::/8", "fdff::1", "fe00::1")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8", "10.1.2.3", "11.0.0.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("192.0.2.1/32", "192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2")]
    public void An_address_or_a_network_is_read(string text, string shown, string covered, string other)
    {
        var proxy = TrustedProxy.Parse(text);
        Assert.Equal(shown, proxy.ToString());
        Assert.True(Covers(proxy, covered));
        Assert.False(Covers(proxy, other));
        Assert.False(TrustedProxy.AnyCovers([proxy], new UnixDomainSocketEndPoint("/s")));
    }

    [Fact]
    public void Unix_is_every_Unix_socket_and_nothing_else()
    {
        var proxy = TrustedProxy.Parse("unix");
        Assert.Same(TrustedProxy.UnixSocket, proxy);
        Assert.Null(proxy.Network);
        Assert.Equal("unix", proxy.ToString());
        Assert.True(TrustedProxy.AnyCovers([proxy], new UnixDomainSocketEndPoint("/s")));
        Assert.False(Covers(proxy, "127.0.0.1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("UNIX")]
    [InlineData("10")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.1/8")]
    [InlineData("/8")]
    [InlineData("fd00::/129")]
    [InlineData("fd00::1/8")]
    [InlineData("::ffff:10.0.0.0/8")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%1")]
    [InlineData("localhost")]
    [InlineData("192.0.2.1:80")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(TrustedProxy.TryParse(text, out var none));
        Assert.Null(none);
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => TrustedProxy.Parse(text)).Message);
    }

    [Fact]
    public void A_network_of_NET_is_taken() =>
        Assert.Equal("10.0.0.0/8", TrustedProxy.FromNetwork(IPNetwork.Parse("::ffff:10.0.0.0/104")).ToString());

    private static bool Covers(TrustedProxy proxy, string address) => TrustedProxy.AnyCovers([proxy], new IPEndPoint(IPAddress.Parse(address), 1));
}
