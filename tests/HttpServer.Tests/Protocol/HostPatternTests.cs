using Http.Server.Protocol;

namespace Http.Server.Tests.Protocol;

public sealed class HostPatternTests
{
    [Theory]
    [InlineData("*", "www.example.com", true)]
    [InlineData("*", "a", true)]
    [InlineData("www.example.com", "www.example.com", true)]
    [InlineData("WWW.Example.COM.", "www.example.com", true)]
    [InlineData("www.example.com", "example.com", false)]
    [InlineData("www.example.com", "a.www.example.com", false)]
    [InlineData("*.example.com", "www.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "wwwexample.com", false)]
    [InlineData("b\u00fccher.example", "xn--bcher-kva.example", true)]
    [InlineData("*.b\u00fccher.example", "a.xn--bcher-kva.example", true)]
    public void A_pattern_is_one_of_names(string pattern, string name, bool matches)
    {
        Assert.True(HostPattern.TryParse(pattern, out var parsed));
        Assert.Equal(matches, parsed.Matches(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("*.")]
    [InlineData("**")]
    [InlineData("*example.com")]
    [InlineData("a.*.com")]
    [InlineData("a b")]
    [InlineData("example.com:80")]
    [InlineData("http://example.com")]
    [InlineData("example.com/path")]
    public void What_is_no_pattern_is_refused(string text)
    {
        Assert.False(HostPattern.TryParse(text, out _));
        Assert.False(HttpServerOptions.IsHostPattern(text));
    }
}
