using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class RequestOriginTests
{
    [Theory]
    [InlineData(null, null, "host", false, true)]
    [InlineData(null, null, null, false, true)]
    [InlineData("same-origin", null, "host", false, true)]
    [InlineData("same-origin", "null", "host", false, true)]
    [InlineData("none", null, "host", false, true)]
    [InlineData("cross-site", null, "host", false, false)]
    [InlineData("same-site", "http://host", "host", false, false)]
    [InlineData("nonsense", "http://host", "host", false, false)]
    [InlineData("", "http://host", "host", false, false)]
    [InlineData(null, "http://host", "host", false, true)]
    [InlineData(null, "http://HOST:8000", "host:8000", false, true)]
    [InlineData(null, "https://host", "host", false, true)]
    [InlineData(null, "https://host", "host", true, true)]
    [InlineData(null, "http://host", "host", true, false)]
    [InlineData(null, "http://host:8001", "host:8000", false, false)]
    [InlineData(null, "http://host:80", "host", false, false)]
    [InlineData(null, "http://evil.host", "host", false, false)]
    [InlineData(null, "http://host.evil", "host", false, false)]
    [InlineData(null, "http://host@evil", "evil", false, false)]
    [InlineData(null, "ftp://host", "host", false, false)]
    [InlineData(null, "null", "null", false, false)]
    [InlineData(null, "", "host", false, false)]
    [InlineData(null, "http://host", null, false, false)]
    [InlineData(null, "http://", "", false, true)]
    public void A_page_of_another_origin_is_told_from_all_else(string? fetchSite, string? origin, string? host, bool isSecure, bool expected) =>
        Assert.Equal(expected, RequestOrigin.IsOwn(fetchSite, origin, host, isSecure));
}
