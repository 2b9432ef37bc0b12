using Http.Server.Pages;

namespace Http.Server.Tests.Pages;

public sealed class ErrorPageTests
{
    [Theory]
    [InlineData("%(code)d|%(code)s|%(message)s|%(explain)s", "404|404|m|e")]
    [InlineData("100%% of %(message)s%", "100% of m%")]
    [InlineData("%(other)s %d %", "%(other)s %d %")]
    [InlineData("%%(code)d", "%(code)d")]
    [InlineData("", "")]
    public void A_format_is_filled_in_as_python_does(string format, string expected) =>
        Assert.Equal(expected, ErrorPage.Render(format, 404, "m", "e"));

    [Fact]
    public void Texts_are_escaped_and_not_filled_in_again()
    {
        var page = ErrorPage.Render("<p>%(message)s</p><p>%(explain)s</p>", 404, "<b>\"&'</b>", "%(code)d%%");
        Assert.Equal("<p>&lt;b&gt;&quot;&amp;&#39;&lt;/b&gt;</p><p>%(code)d%%</p>", page.Replace("&#x27;", "&#39;", StringComparison.Ordinal));
    }

    [Fact]
    public void The_default_page_tells_code_message_and_explanation()
    {
        var page = ErrorPage.Render(ErrorPage.DefaultFormat, 404, "Not here", "Look elsewhere");
        Assert.StartsWith("<!DOCTYPE html>", page);
        Assert.Contains("<title>404 Not here</title>", page);
        Assert.Contains("<h1>404 Not here</h1>", page);
        Assert.Contains("<p>Look elsewhere</p>", page);
        Assert.DoesNotContain("%", page.Replace("0%", "", StringComparison.Ordinal));
    }
}
