using Http.Server.LiveReload;

namespace Http.Server.Tests.LiveReload;

public sealed class LiveReloadPageTests
{
    [Theory]
    [InlineData("default-src 'none'", "default-src 'none'; script-src 'self'; connect-src 'self'")]
    [InlineData("script-src 'none'; base-uri 'none'", "script-src 'self'; base-uri 'none'; connect-src 'self'")]
    [InlineData("script-src 'sha256-abc'; connect-src 'self';", "script-src 'sha256-abc' 'self'; connect-src 'self'")]
    [InlineData("script-src-elem 'none'", "script-src-elem 'none'; script-src 'self'; connect-src 'self'")]
    public void A_policy_allows_what_it_did_and_the_script(string policy, string expected) => Assert.Equal(expected, LiveReloadPage.Allow(policy));

    [Theory]
    [InlineData("text/html", true)]
    [InlineData("Text/HTML; charset=utf-8", true)]
    [InlineData("text/html;charset=utf-8", true)]
    [InlineData("text/html5", false)]
    [InlineData("application/xhtml+xml", false)]
    [InlineData("", false)]
    public void Pages_are_told_by_their_type(string type, bool isPage) => Assert.Equal(isPage, LiveReloadPage.IsPage(type));
}
