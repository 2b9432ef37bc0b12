using System.Text;
using Http.Server.Protocol;
using Http.Server.Proxies;

namespace Http.Server.Tests.Proxies;

/// <summary>Trusted is whoever's address begins with 10.</summary>
public sealed class ForwardedRequestTests
{
    [Theory]
    [InlineData("X-Other: 1", "none")]
    [InlineData("Forwarded: for=192.0.2.1", "192.0.2.1:0 known")]
    [InlineData("Forwarded: for=\"192.0.2.1:4711\";proto=https;host=example.com", "192.0.2.1:4711 known https example.com")]
    [InlineData("Forwarded: for=203.0.113.9;host=evil.example, for=192.0.2.1;proto=http", "192.0.2.1:0 known http")]
    [InlineData("Forwarded: for=192.0.2.1;proto=https;host=a, for=10.0.0.1;proto=http;host=b", "192.0.2.1:0 known https a")]
    [InlineData("Forwarded: for=192.0.2.1;proto=https, for=10.0.0.1;host=b", "192.0.2.1:0 known https b")]
    [InlineData("Forwarded: for=192.0.2.1|Forwarded: for=10.0.0.1", "192.0.2.1:0 known")]
    [InlineData("Forwarded: for=\"|Forwarded: for=192.0.2.1", "192.0.2.1:0 known")]
    [InlineData("Forwarded: for=\"|Forwarded: for=10.0.0.1", "unreadable")]
    [InlineData("Forwarded: for=\", for=192.0.2.1", "unreadable")]
    [InlineData("Forwarded: for=10.0.0.2, for=10.0.0.1", "10.0.0.2:0 known")]
    [InlineData("Forwarded: for=unknown;proto=https", "peer unknown https")]
    [InlineData("Forwarded: for=192.0.2.1, for=_hidden, for=10.0.0.1", "10.0.0.1:0 unknown")]
    [InlineData("Forwarded: for=192.0.2.1, proto=https", "peer unknown https")]
    [InlineData("Forwarded: ", "peer known")]
    [InlineData("Forwarded: nonsense", "unreadable")]
    [InlineData("X-Forwarded-For: 192.0.2.1", "192.0.2.1:0 known")]
    [InlineData("X-Forwarded-For: 192.0.2.1:4711", "192.0.2.1:4711 known")]
    [InlineData("X-Forwarded-For: 2001:db8::1", "2001:db8::1:0 known")]
    [InlineData("X-Forwarded-For: [2001:db8::1]:4711", "2001:db8::1:4711 known")]
    [InlineData("X-Forwarded-For: 203.0.113.9, 192.0.2.1", "192.0.2.1:0 known")]
    [InlineData("X-Forwarded-For: 203.0.113.9, 192.0.2.1, 10.0.0.1", "192.0.2.1:0 known")]
    [InlineData("X-Forwarded-For: 203.0.113.9|X-Forwarded-For: 192.0.2.1|X-Forwarded-For: 10.0.0.1", "192.0.2.1:0 known")]
    [InlineData("X-Forwarded-For: <script>, \"', 192.0.2.1", "192.0.2.1:0 known")]
    [InlineData("X-Forwarded-For: <script>, 10.0.0.1", "unreadable")]
    [InlineData("X-Forwarded-For: 192.0.2.1, <script>", "unreadable")]
    [InlineData("X-Forwarded-For: 192.0.2.1, unknown, 10.0.0.1", "10.0.0.1:0 unknown")]
    [InlineData("X-Forwarded-For: 10.0.0.3, 10.0.0.2", "10.0.0.3:0 known")]
    [InlineData("X-Forwarded-For: , 192.0.2.1 ,,", "192.0.2.1:0 known")]
    [InlineData("X-Forwarded-For: ", "peer unknown")]
    [InlineData("X-Forwarded-Proto: https", "peer unknown https")]
    [InlineData("X-Forwarded-For: 192.0.2.1|X-Forwarded-Proto: https|X-Forwarded-Host: example.com", "192.0.2.1:0 known https example.com")]
    [InlineData("X-Forwarded-For: 192.0.2.1|X-Forwarded-Proto: http, https", "192.0.2.1:0 known https")]
    [InlineData("X-Forwarded-For: 192.0.2.1, 10.0.0.1|X-Forwarded-Proto: https, http", "192.0.2.1:0 known https")]
    [InlineData("X-Forwarded-For: 192.0.2.1, 10.0.0.1|X-Forwarded-Proto: https", "192.0.2.1:0 known https")]
    [InlineData("X-Forwarded-For: 203.0.113.9, 192.0.2.1|X-Forwarded-Host: evil.example, example.com", "192.0.2.1:0 known example.com")]
    [InlineData("X-Forwarded-For: 192.0.2.1|X-Forwarded-Host: a b", "unreadable")]
    [InlineData("X-Forwarded-For: 192.0.2.1|X-Forwarded-Host: user@a", "unreadable")]
    [InlineData("X-Forwarded-For: 192.0.2.1|X-Forwarded-Proto: gopher", "unreadable")]
    [InlineData("X-Forwarded-For: 192.0.2.1|X-Forwarded-Port: 8443", "192.0.2.1:0 known 8443")]
    [InlineData("X-Forwarded-For: 192.0.2.1|X-Forwarded-Port: 0", "unreadable")]
    [InlineData("X-Forwarded-For: 192.0.2.1|X-Forwarded-Port: 99999", "unreadable")]
    [InlineData("Forwarded: for=192.0.2.1;proto=https|X-Forwarded-For: 192.0.2.1|X-Forwarded-Proto: https", "192.0.2.1:0 known https")]
    [InlineData("Forwarded: for=203.0.113.9|X-Forwarded-For: 192.0.2.1", "unreadable")]
    [InlineData("Forwarded: for=192.0.2.1;host=evil.example|X-Forwarded-For: 192.0.2.1", "unreadable")]
    [InlineData("Forwarded: for=192.0.2.1;proto=https|X-Forwarded-For: 192.0.2.1|X-Forwarded-Proto: http", "unreadable")]
    public void What_trusted_proxies_say_is_read_from_the_right_up_to_the_first_stranger(string headers, string told)
    {
        var head = new RequestHead();
        var bytes = Encoding.Latin1.GetBytes("GET / HTTP/1.1\r\nHost: test\r\n" + headers.Replace("|", "\r\n", StringComparison.Ordinal) + "\r\n\r\n");
        head.Reset();
        Assert.Equal(HeadStatus.Complete, RequestHeadParser.Parse(bytes, new HeadLimits(8192, 32768, 100), head));
        Assert.Equal(told, Show(ForwardedRequest.Read(head, bytes, static address => address.ToString().StartsWith("10.", StringComparison.Ordinal))));
    }

    private static string Show(ForwardedRequest? told)
    {
        if (told is null)
            return "none";
        if (ReferenceEquals(told, ForwardedRequest.Unreadable))
            return "unreadable";
        string?[] parts =
        [
            told.Client is null ? "peer" : $"{told.Client}:{told.ClientPort}",
            told.IsClientKnown ? "known" : "unknown",
            told.IsSecure switch { true => "https", false => "http", null => null },
            told.Host,
            told.Port > 0 ? $"{told.Port}" : null,
        ];
        return string.Join(' ', parts.Where(part => part is not null));
    }
}
