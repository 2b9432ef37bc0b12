using System.Text;
using Http.Server.Pages;

namespace Http.Server.Tests.Pages;

public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("a\" onload='x'", "a&quot; onload=&#x27;x&#x27;")]
    [InlineData("&amp;", "&amp;amp;")]
    [InlineData("a&", "a&amp;")]
    [InlineData("&&", "&amp;&amp;")]
    [InlineData("caf\u00E9 <\U0001F600>", "caf\u00E9 &lt;\U0001F600&gt;")]
    [InlineData("\0\x01\x08\x1B[2J\x1F", "\u2400\u2401\u2408\u241B[2J\u241F")]
    [InlineData("a\r\n\tb", "a\u240D\n\tb")]
    [InlineData("\x7F", "\u2421")]
    [InlineData("\u0080\u0085\u009F\u00A0", "\uFFFD\uFFFD\uFFFD\u00A0")]
    public void Markup_and_controls_are_replaced(string text, string expected)
    {
        Assert.Equal(expected, HtmlText.Encode(text));
        Assert.Equal("[" + expected, Append("[", text));
    }

    [Fact]
    public void Lone_surrogates_are_replaced()
    {
        Assert.Equal("\uFFFD", HtmlText.Encode("\uD800"));
        Assert.Equal("a\uFFFDb", HtmlText.Encode("a\uDC00b"));
        Assert.Equal("\uFFFD\uFFFD", HtmlText.Encode("\uDC00\uD800"));
        Assert.Equal("\uFFFD\U0001F600", HtmlText.Encode("\uD83D\U0001F600"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("index.html")]
    [InlineData("tab\tand\nline")]
    [InlineData("caf\u00E9 \u65E5\u672C \U0001F600 \uFFFD")]
    public void Clean_text_is_returned_as_it_is(string text)
    {
        Assert.Same(text, HtmlText.Encode(text));
        Assert.Equal(text, Append("", text));
    }

    [Fact]
    public void Every_character_is_either_itself_or_harmless()
    {
        for (var c = 0; c <= char.MaxValue; c++)
        {
            var encoded = HtmlText.Encode("x" + (char)c + "y");
            var isReplaced = (char)c is '&' or '<' or '>' or '"' or '\'' || char.IsSurrogate((char)c)
                || (char.IsControl((char)c) && (char)c is not ('\t' or '\n'));
            Assert.Equal(isReplaced, encoded != "x" + (char)c + "y");
            Assert.True(encoded.AsSpan().IndexOfAny("<>\"'") < 0 && encoded[0] == 'x' && encoded[^1] == 'y');
        }
    }

    private static string Append(string before, string text)
    {
        var to = new StringBuilder(before);
        HtmlText.Encode(text.AsSpan(), to);
        return to.ToString();
    }
}
