using System.Text;
using Http.Server.Proxies;

namespace Http.Server.Tests.Proxies;

public sealed class ForwardedNodeTests
{
    [Theory]
    [InlineData("192.0.2.43", "192.0.2.43", 0)]
    [InlineData("192.0.2.43:47011", "192.0.2.43", 47011)]
    [InlineData("192.0.2.43:_hidden", "192.0.2.43", 0)]
    [InlineData("[2001:db8:cafe::17]", "2001:db8:cafe::17", 0)]
    [InlineData("[2001:db8:cafe::17]:4711", "2001:db8:cafe::17", 4711)]
    [InlineData("[::ffff:192.0.2.1]:1", "192.0.2.1", 1)]
    [InlineData("unknown", null, 0)]
    [InlineData("UNKNOWN", null, 0)]
    [InlineData("unknown:80", null, 0)]
    [InlineData("_gazonk", null, 0)]
    [InlineData("_SEVKISEK.a-b_c:_p", null, 0)]
    public void A_node_is_read(string text, string? address, int port)
    {
        Assert.True(ForwardedNode.TryParse(Encoding.ASCII.GetBytes(text), out var node));
        Assert.Equal((address, port), (node.Address?.ToString(), node.Port));
        Assert.True(ForwardedNode.TryParseLoosely(Encoding.ASCII.GetBytes(text), out var same));
        Assert.Equal(node, same);
    }

    [Theory]
    [InlineData("")]
    [InlineData("_")]
    [InlineData("_a b")]
    [InlineData("_a!")]
    [InlineData("unknown:")]
    [InlineData("192.0.2.43:")]
    [InlineData("192.0.2.43:65536")]
    [InlineData("192.0.2.43:80:80")]
    [InlineData("192.0.2.43:x")]
    [InlineData("[2001:db8::1")]
    [InlineData("[2001:db8::1]x")]
    [InlineData("[192.0.2.43]")]
    [InlineData("[fe80::1%1]")]
    [InlineData("example.com")]
    [InlineData("1")]
    public void What_is_no_node_is_refused(string text)
    {
        Assert.False(ForwardedNode.TryParse(Encoding.ASCII.GetBytes(text), out _));
        Assert.False(ForwardedNode.TryParseLoosely(Encoding.ASCII.GetBytes(text), out _));
    }

    [Fact]
    public void Only_the_loose_form_takes_IPv6_without_brackets()
    {
        Assert.False(ForwardedNode.TryParse("2001:db8::1"u8, out _));
        Assert.True(ForwardedNode.TryParseLoosely("2001:db8::1"u8, out var node));
        Assert.Equal("2001:db8::1", node.Address!.ToString());
    }
}
