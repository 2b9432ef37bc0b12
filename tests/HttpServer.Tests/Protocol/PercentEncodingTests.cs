using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Tests.Protocol;

public sealed class PercentEncodingTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("a+b", "a+b")]
    [InlineData("%41%5a%7E", "AZ~")]
    [InlineData("%2f%2F", "//")]
    [InlineData("a%20b%20", "a b ")]
    [InlineData("%00%0a%FF", "\0\n\u00FF")]
    [InlineData("%aB%Cd", "\u00AB\u00CD")]
    [InlineData("%252e%25", "%2e%")]
    [InlineData("%25%32%65", "%2e")]
    public void Escapes_are_decoded_once(string text, string expected)
    {
        var destination = new byte[text.Length];
        Assert.True(PercentEncoding.TryDecode(Encoding.Latin1.GetBytes(text), destination, out var written));
        Assert.Equal(expected, Encoding.Latin1.GetString(destination, 0, written));
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("abc%")]
    [InlineData("abc%2")]
    [InlineData("%zz")]
    [InlineData("%4g")]
    [InlineData("%g4")]
    [InlineData("%%41")]
    [InlineData("%4%31")]
    [InlineData("% 1")]
    [InlineData("%+1")]
    [InlineData("%0x41")]
    [InlineData("%u0041")]
    [InlineData("%\u00B21")]
    public void A_malformed_escape_is_refused(string text)
    {
        Assert.False(PercentEncoding.TryDecode(Encoding.Latin1.GetBytes(text), new byte[text.Length], out var written));
        Assert.Equal(0, written);
    }

    [Theory]
    [InlineData("index.html", "index.html")]
    [InlineData("-._~!$()*+,;=@", "-._~!$()*+,;=@")]
    [InlineData("a b", "a%20b")]
    [InlineData("100%", "100%25")]
    [InlineData("%41", "%2541")]
    [InlineData("?#", "%3F%23")]
    [InlineData("javascript:alert(1)", "javascript%3Aalert(1)")]
    [InlineData("\"'<>&", "%22%27%3C%3E%26")]
    [InlineData("\\/", "%5C%2F")]
    [InlineData("[]{}|^`", "%5B%5D%7B%7D%7C%5E%60")]
    [InlineData("\0\r\n\x7F", "%00%0D%0A%7F")]
    [InlineData("caf\u00E9", "caf%C3%A9")]
    [InlineData("\u65E5\U0001F600", "%E6%97%A5%F0%9F%98%80")]
    public void All_but_the_safe_characters_of_a_segment_are_encoded(string segment, string expected) =>
        Assert.Equal(expected, PercentEncoding.EncodeSegment(segment));

    [Fact]
    public void A_lone_surrogate_is_encoded_as_the_replacement_character_and_one_of_raw_text_as_its_byte() =>
        Assert.Equal("%EF%BF%BDa%FF", PercentEncoding.EncodeSegment("\uD800a\uDCFF"));

    [Theory]
    [InlineData("", "")]
    [InlineData("a=1&b=%2F%0d+c/?:@'*", "a=1&b=%2F%0d+c/?:@'*")]
    [InlineData("filter={\"a\":1}", "filter=%7B%22a%22:1%7D")]
    [InlineData("q=<b>[]|^`\\ ", "q=%3Cb%3E%5B%5D%7C%5E%60%5C%20")]
    [InlineData("q=\u00c3\u00a9\u00ff", "q=%C3%A9%FF")]
    public void Of_a_query_what_no_URI_allows_is_encoded(string query, string expected) =>
        Assert.Equal(expected, PercentEncoding.EncodeQuery(query));

    [Theory]
    [InlineData("")]
    [InlineData("index.html")]
    public void A_safe_segment_is_returned_as_it_is(string segment) =>
        Assert.Same(segment, PercentEncoding.EncodeSegment(segment));

    [Fact]
    public void What_is_encoded_decodes_to_itself()
    {
        for (var c = 0; c < 0xD800; c++)
        {
            var encoded = Encoding.ASCII.GetBytes(PercentEncoding.EncodeSegment(((char)c).ToString()));
            var destination = new byte[encoded.Length];
            Assert.True(PercentEncoding.TryDecode(encoded, destination, out var written));
            Assert.Equal(((char)c).ToString(), Encoding.UTF8.GetString(destination, 0, written));
        }
    }
}
