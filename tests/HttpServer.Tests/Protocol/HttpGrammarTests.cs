using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Tests.Protocol;

public sealed class HttpGrammarTests
{
    [Fact]
    public void A_token_has_exactly_the_characters_of_rfc_9110()
    {
        var expected = Enumerable.Range(0, 256).Where(c => c < 128 && (char.IsAsciiLetterOrDigit((char)c) || "!#$%&'*+-.^_`|~".Contains((char)c)));
        Assert.Equal(expected, Enumerable.Range(0, 256).Where(c => HttpGrammar.IsToken([(byte)c])));
        Assert.Equal(expected, Enumerable.Range(0, 256).Where(c => HttpGrammar.IsTokenByte((byte)c)));
        Assert.Equal(expected, Enumerable.Range(0, 65536).Where(c => HttpGrammar.IsToken([(char)c])));
        Assert.False(HttpGrammar.IsToken(""u8));
        Assert.False(HttpGrammar.IsToken(""));
    }

    [Fact]
    public void A_field_value_has_no_controls_but_the_tab() => Assert.Equal(
        Enumerable.Range(0, 256).Where(c => c == '\t' || (c >= 32 && c != 127)),
        Enumerable.Range(0, 256).Where(c => HttpGrammar.IsFieldValue([(byte)c])));

    [Fact]
    public void A_path_has_visible_ascii_without_the_fragment_sign() => Assert.Equal(
        Enumerable.Range(33, 94).Where(c => c != '#'),
        Enumerable.Range(0, 256).Where(c => HttpGrammar.IsTargetText([(byte)c])));

    [Fact]
    public void A_query_has_bytes_beyond_ascii_too() => Assert.Equal(
        Enumerable.Range(33, 94).Where(c => c != '#').Concat(Enumerable.Range(128, 128)),
        Enumerable.Range(0, 256).Where(c => HttpGrammar.IsQueryText([(byte)c])));

    [Theory]
    [InlineData("a", true)]
    [InlineData("example.com:8000", true)]
    [InlineData("example.com:", true)]
    [InlineData("127.0.0.1:65535", true)]
    [InlineData("a%20b", true)]
    [InlineData("xn--bcher-kva.example", true)]
    [InlineData("under_score", true)]
    [InlineData("[::1]", true)]
    [InlineData("[::ffff:1.2.3.4]:80", true)]
    [InlineData("[fe80::1%25eth0]", true)]
    [InlineData("[fe80::1%25eth0]:8000", true)]
    [InlineData("[fe80::1%25en-1.2_3~%20]", true)]
    [InlineData("[fe80::1%25]", false)]
    [InlineData("[fe80::1%eth0]", false)]
    [InlineData("[fe80::1%25%]", false)]
    [InlineData("[fe80::1%25a/b]", false)]
    [InlineData("[fe80::1%25a b]", false)]
    [InlineData("[%25eth0]", false)]
    [InlineData("[127.0.0.1%25eth0]", false)]
    [InlineData("", false)]
    [InlineData(":80", false)]
    [InlineData("a:65536", false)]
    [InlineData("a:000080", false)]
    [InlineData("a:-1", false)]
    [InlineData("a:8 0", false)]
    [InlineData("a:80:80", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("a\\b", false)]
    [InlineData("a?b", false)]
    [InlineData("a#b", false)]
    [InlineData("a@b", false)]
    [InlineData("a%2", false)]
    [InlineData("a%zz", false)]
    [InlineData("a\"b", false)]
    [InlineData("a<b", false)]
    [InlineData("\u00e9", false)]
    [InlineData("::1", false)]
    [InlineData("[::1", false)]
    [InlineData("[]", false)]
    [InlineData("[1.2.3.4]", false)]
    [InlineData("[::g]", false)]
    [InlineData("[::1%eth0]", false)]
    [InlineData("[::1]x", false)]
    [InlineData("[[::1]]", false)]
    [InlineData("[0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:1]", false)]
    public void A_host_is_a_name_or_an_address_and_a_port_if_any(string text, bool expected) =>
        Assert.Equal(expected, HttpGrammar.IsHost(Encoding.Latin1.GetBytes(text)));

    [Fact]
    public void White_space_around_is_blanks_and_tabs_alone() =>
        Assert.Equal("\va\r"u8.ToArray(), HttpGrammar.TrimOws(" \t\va\r\t "u8).ToArray());
}
