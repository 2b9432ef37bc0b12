using System.Text;
using Http.Server.Proxies;

namespace Http.Server.Tests.Proxies;

public sealed class AddressTextTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("::", "::")]
    [InlineData("2001:DB8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    public void An_address_is_read(string text, string address)
    {
        Assert.True(AddressText.TryParse(Encoding.ASCII.GetBytes(text), out var found));
        Assert.Equal(address, found!.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("10.1")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.")]
    [InlineData("1.2.3.4.5")]
    [InlineData(".1.2.3.4")]
    [InlineData("1..2.3")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.1000")]
    [InlineData("01.2.3.4")]
    [InlineData("0x1.2.3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("+1.2.3.4")]
    [InlineData("1.2.3.4/8")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%1")]
    [InlineData(":::")]
    [InlineData("1:2")]
    [InlineData("::1/64")]
    [InlineData("localhost")]
    public void What_only_resembles_an_address_is_none(string text) => Assert.False(AddressText.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("80", 80)]
    [InlineData("65535", 65535)]
    [InlineData("", -1)]
    [InlineData("080", -1)]
    [InlineData("65536", -1)]
    [InlineData("-1", -1)]
    [InlineData("8 ", -1)]
    [InlineData("123456", -1)]
    public void A_port_is_a_short_decimal_number(string text, int port) =>
        Assert.Equal(port, AddressText.TryParsePort(Encoding.ASCII.GetBytes(text), out var found) ? found : -1);
}
