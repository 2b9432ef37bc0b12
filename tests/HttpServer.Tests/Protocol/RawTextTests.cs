using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Tests.Protocol;

public sealed class RawTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("abc", "abc")]
    [InlineData("\u00c3\u00a9", "\u00e9")]
    [InlineData("\u00ff", "~ff")]
    [InlineData("a\u00ff\u0080b", "a~ff~80b")]
    [InlineData("\u00c3", "~c3")]
    [InlineData("\u00c3\u00a9\u00c3", "\u00e9~c3")]
    [InlineData("\u00ed\u00b3\u00bf", "~ed~b3~bf")]
    public void Bytes_that_are_no_UTF_8_become_lone_surrogates(string bytes, string text)
    {
        // Attributes cannot hold lone surrogates: these are written as ~ and the byte.
        text = System.Text.RegularExpressions.Regex.Replace(text, "~(..)", match => ((char)(0xDC00 + Convert.ToByte(match.Groups[1].Value, 16))).ToString());
        Assert.Equal(text, RawText.OfLatin1(bytes));
        Assert.Equal(Encoding.Latin1.GetBytes(bytes), RawText.Encode(text));
    }

    [Fact]
    public void Every_row_of_bytes_comes_back()
    {
        var random = new Random(20261127);
        for (var count = 0; count < 20_000; count++)
        {
            var bytes = new byte[random.Next(12)];
            random.NextBytes(bytes);
            Assert.Equal(bytes, RawText.Encode(RawText.Decode(bytes)));
        }
    }

    [Fact]
    public void Another_lone_surrogate_is_replaced() =>
        Assert.Equal("\u00ef\u00bf\u00bd-\u00ff", Encoding.Latin1.GetString(RawText.Encode("\ud800-\udcff")));
}
