using System.Text;
using Http.Server.Proxies;

namespace Http.Server.Tests.Proxies;

public sealed class ProxyHeaderTests
{
    private const string Signature = "0d0a0d0a000d0a515549540a";

    public static TheoryData<byte[], string> Headers => new()
    {
        { Line("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n"), "192.0.2.1:56324" },
        { Line("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), "255.255.255.255:65535" },
        { Line("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n"), "2001:db8::1:1" },
        { Line("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 1 2\r\n"), "192.0.2.1:1" },
        { Line("PROXY UNKNOWN\r\n"), "unknown" },
        { Line("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"), "unknown" },
        { Binary("2111000c", "c0000201c6336407dc0401bb"), "192.0.2.1:56324" },
        { Binary("21110014", "c0000201c6336407dc0401bb" + "0400050102030405"), "192.0.2.1:56324" },
        { Binary("21210024", "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "000101bb"), "2001:db8::1:1" },
        { Binary("21210024", "00000000000000000000ffffc0000201" + "20010db8000000000000000000000002" + "000101bb"), "192.0.2.1:1" },
        { Binary("213100d8", new string('0', 432)), "unknown" },
        { Binary("21000000", ""), "unknown" },
        { Binary("21000003", "aabbcc"), "unknown" },
        { Binary("20000000", ""), "local" },
        { Binary("20110004", "01020304"), "local" },
        { Binary("20ff0000", ""), "local" },
        { Binary("21001000", new string('0', 8192)), "unknown" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_header_is_read_wherever_it_is_split(byte[] bytes, string told)
    {
        for (var count = 0; count < bytes.Length; count++)
            Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyHeader.TryParse(bytes.AsSpan(0, count), out _));
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryParse(bytes, out var header));
        Assert.Equal(bytes.Length, header.Length);
        Assert.Equal(told, header.IsLocal ? "local" : header.Client is null ? "unknown" : $"{header.Client}:{header.Port}");
        // What follows is not looked at.
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryParse([.. bytes, .. "GET / HTTP/1.1\r\n"u8], out var same));
        Assert.Equal(header, same);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("P\r\n")]
    [InlineData("proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY\r\n")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY UNKNOWNX\r\n")]
    [InlineData("PROXY UNKNOWN\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n")]
    [InlineData("PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4  1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3 1 2\r\n")]
    [InlineData("PROXY TCP4 ::1 ::1 1 2\r\n")]
    [InlineData("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 1 02\r\n")]
    [InlineData("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n")]
    [InlineData("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\r")]
    [InlineData("\u0016\u0003\u0001")]
    public void What_is_no_header_is_refused(string text) => Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.TryParse(Line(text), out _));

    [Theory]
    [InlineData("11", "another version")]
    [InlineData("22", "another command")]
    [InlineData("2112000c", "datagrams")]
    [InlineData("21410000", "another family")]
    [InlineData("2111000b", "too short for its addresses")]
    [InlineData("21210023", "too short for its addresses")]
    [InlineData("213100d7", "too short for its addresses")]
    [InlineData("21001001", "longer than is believed")]
    [InlineData("2000ffff", "longer than is believed")]
    public void A_binary_header_is_refused_by_its_fixed_part(string rest, string why) =>
        Assert.True(ProxyHeader.TryParse(Binary(rest, ""), out _) == ProxyHeaderStatus.Malformed, why);

    [Fact]
    public void A_line_ends_within_107_bytes()
    {
        var longest = "PROXY UNKNOWN " + new string('x', 107 - 16) + "\r\n";
        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeader.TryParse(Line(longest), out var header));
        Assert.Equal(107, header.Length);
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.TryParse(Line("PROXY UNKNOWN " + new string('x', 107 - 15) + "\r\n"), out _));
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.TryParse(Line("PROXY UNKNOWN " + new string('x', 107 - 14)), out _));
    }

    private static byte[] Line(string text) => Encoding.Latin1.GetBytes(text);

    private static byte[] Binary(string fixedPart, string rest) => Convert.FromHexString(Signature + fixedPart + rest);
}
