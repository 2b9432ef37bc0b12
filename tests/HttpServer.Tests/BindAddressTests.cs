using System.Net;
using System.Net.Sockets;

namespace Http.Server.Tests;

public sealed class BindAddressTests
{
    [Theory]
    [InlineData(null, "[::]:8000")]
    [InlineData("", "[::]:8000")]
    [InlineData("*", "[::]:8000")]
    [InlineData("127.0.0.1", "127.0.0.1:8000")]
    [InlineData("0.0.0.0", "0.0.0.0:8000")]
    [InlineData("::1", "[::1]:8000")]
    [InlineData("[::1]", "[::1]:8000")]
    [InlineData("::", "[::]:8000")]
    public void An_address_is_taken_as_it_is(string? text, string expected) =>
        Assert.Equal(expected, Assert.Single(BindAddress.Resolve(text, 8000)).ToString());

    [Theory]
    [InlineData("localhost")]
    [InlineData("LocalHost")]
    public void Localhost_is_every_loopback_there_is(string text)
    {
        var found = BindAddress.Resolve(text, 8000).Cast<IPEndPoint>().ToList();
        Assert.Contains(new IPEndPoint(IPAddress.Loopback, 8000), found);
        Assert.All(found, endPoint => Assert.True(IPAddress.IsLoopback(endPoint.Address)));
        Assert.Distinct(found);
    }

    [Fact]
    public void A_path_behind_unix_is_a_unix_domain_socket() =>
        Assert.Equal("/run/a b.sock", Assert.IsType<UnixDomainSocketEndPoint>(Assert.Single(BindAddress.Resolve("unix:/run/a b.sock", 8000))).ToString());

    [Fact]
    public void A_path_that_is_too_long_is_named() => Assert.Contains(
        "longer than the system permits", Assert.Throws<ServerStartException>(() => BindAddress.Resolve("unix:/" + new string('a', 200), 0)).Message);

    [Theory]
    [InlineData("no-such-host.invalid")]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("0x7f.0.1")]
    [InlineData("256.0.0.1")]
    [InlineData("127.0.0.1:80")]
    [InlineData("[::1")]
    [InlineData("a b")]
    public void What_is_no_address_of_anything_is_named_with_a_remedy(string text)
    {
        var failure = Assert.Throws<ServerStartException>(() => BindAddress.Resolve(text, 8000));
        Assert.Contains($"'{text}'", failure.Message);
        Assert.Contains("Give an IP address", failure.Message);
    }

    [Fact]
    public void A_unix_address_without_a_path_is_named_with_a_remedy() => Assert.Contains(
        "'unix:': it has no path. Give one", Assert.Throws<ServerStartException>(() => BindAddress.Resolve("unix:", 8000)).Message);

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void A_port_has_16_bits(int port) => Assert.Throws<ArgumentOutOfRangeException>(() => BindAddress.Resolve("::1", port));
}
