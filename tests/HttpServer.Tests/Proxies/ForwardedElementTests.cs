using System.Text;
using Http.Server.Proxies;

namespace Http.Server.Tests.Proxies;

public sealed class ForwardedElementTests
{
    [Theory]
    [InlineData("for=192.0.2.43", "192.0.2.43||")]
    [InlineData("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17:4711||")]
    [InlineData("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60|http|")]
    [InlineData("for=192.0.2.60;proto=HTTPS;host=example.com", "192.0.2.60|https|example.com")]
    [InlineData("host=\"example.com:8443\";proto=https", "|https|example.com:8443")]
    [InlineData("host=\"ex\\ample.com\"", "||example.com")]
    [InlineData("host=\"[2001:db8::1]:80\"", "||[2001:db8::1]:80")]
    [InlineData("for=unknown", "?||")]
    [InlineData("for=_secret, for=192.0.2.1", "?||,192.0.2.1||")]
    [InlineData("for=192.0.2.43,for=198.51.100.17", "192.0.2.43||,198.51.100.17||")]
    [InlineData("for=192.0.2.43 , \t for=198.51.100.17", "192.0.2.43||,198.51.100.17||")]
    [InlineData(",, for=192.0.2.43,", "192.0.2.43||")]
    [InlineData("for=192.0.2.43;;proto=http;", "192.0.2.43|http|")]
    [InlineData("for=192.0.2.43;secret=\"a, for=1.2.3.4; \\\" \"", "192.0.2.43||")]
    [InlineData("extension=anything", "||")]
    [InlineData("", "")]
    public void A_line_is_read(string line, string elements) => Assert.Equal(elements, Read(line));

    [Theory]
    [InlineData("for")]
    [InlineData("for=")]
    [InlineData("=1.2.3.4")]
    [InlineData("for =1.2.3.4")]
    [InlineData("for= 1.2.3.4")]
    [InlineData("for=1.2.3.4; proto=http")]
    [InlineData("for=1.2.3.4 ;proto=http")]
    [InlineData("for=1.2.3.4 proto=http")]
    [InlineData("for=1.2.3.4:80")]
    [InlineData("for=[2001:db8::1]")]
    [InlineData("for=\"2001:db8::1\"")]
    [InlineData("for=\"1.2.3.4")]
    [InlineData("for=\"1.2.3.4\\")]
    [InlineData("for=\"1.2.3.4\"x")]
    [InlineData("for=\"\"")]
    [InlineData("for=example.com")]
    [InlineData("for=1.2.3.4;for=1.2.3.5")]
    [InlineData("for=1.2.3.4;FOR=1.2.3.4")]
    [InlineData("by=example.com")]
    [InlineData("proto=ftp")]
    [InlineData("proto=http;proto=https")]
    [InlineData("host=\"a b\"")]
    [InlineData("host=\"user@example.com\"")]
    [InlineData("host=\"a/b\"")]
    [InlineData("host=\"example.com:99999\"")]
    [InlineData("for=1.2.3.4, for=\"")]
    public void A_malformed_line_is_refused(string line) => Assert.Null(Read(line));

    private static string? Read(string line)
    {
        var elements = new List<ForwardedElement>();
        return ForwardedElement.TryParse(Encoding.Latin1.GetBytes(line), elements) ? string.Join(',', elements.Select(Show)) : null;

        static string Show(ForwardedElement element)
        {
            var node = element.For is not { } named ? "" : named.Address is null ? "?" : named.Address + (named.Port > 0 ? $":{named.Port}" : "");
            return $"{node}|{element.IsSecure switch { true => "https", false => "http", null => "" }}|{element.Host}";
        }
    }
}
