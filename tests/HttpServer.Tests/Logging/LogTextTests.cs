using System.Text;
using Http.Server.Logging;
using Http.Server.Protocol;

namespace Http.Server.Tests.Logging;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1", "GET / HTTP/1.1")]
    [InlineData("", "")]
    [InlineData("a\r\n127.0.0.1 - - forged", "a\\x0d\\x0a127.0.0.1 - - forged")]
    [InlineData("\0\x1B[31m\x1F\x7F", "\\x00\\x1b[31m\\x1f\\x7f")]
    [InlineData("\\", "\\\\")]
    [InlineData("\\x0a\\", "\\\\x0a\\\\")]
    [InlineData("\u0080\u0085\u009B31m\u009F\u00A0", "\\x80\\x85\\x9b31m\\x9f\u00A0")]
    [InlineData("\u2027\u2028\u2029\u202A\u202E\u202F", "\u2027\\u2028\\u2029\\u202a\\u202e\u202F")]
    [InlineData("\u2065\u2066\u2069\u206A", "\u2065\\u2066\\u2069\u206A")]
    [InlineData("caf\u00E9 \u65E5\u672C \U0001F600\t", "caf\u00E9 \u65E5\u672C \U0001F600\\x09")]
    public void Controls_and_backslashes_are_escaped_alike_in_bytes_and_strings(string text, string expected)
    {
        Assert.Equal(expected, Escape(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(expected, LogText.Escape(text));
    }

    [Theory]
    [InlineData("80", "\\x80")]
    [InlineData("61FF62", "a\\xffb")]
    [InlineData("C2", "\\xc2")]
    [InlineData("C241", "\\xc2A")]
    [InlineData("C285", "\\x85")]
    [InlineData("C0AE", "\\xc0\\xae")]
    [InlineData("E080AF", "\\xe0\\x80\\xaf")]
    [InlineData("E282", "\\xe2\\x82")]
    [InlineData("E2820A", "\\xe2\\x82\\x0a")]
    [InlineData("EDA080", "\\xed\\xa0\\x80")]
    [InlineData("F4908080", "\\xf4\\x90\\x80\\x80")]
    [InlineData("F09F98", "\\xf0\\x9f\\x98")]
    [InlineData("9BC3A99B", "\\x9b\u00E9\\x9b")]
    public void Bytes_that_are_no_utf8_are_escaped_alike_in_bytes_and_strings(string hex, string expected)
    {
        Assert.Equal(expected, Escape(Convert.FromHexString(hex)));
        Assert.Equal(expected, LogText.Escape(RawText.Decode(Convert.FromHexString(hex))));
    }

    [Fact]
    public void Lone_surrogates_of_a_string_are_escaped()
    {
        Assert.Equal("\\ud800", LogText.Escape("\uD800"));
        Assert.Equal("a\\udc00\U0001F600", LogText.Escape("a\uDC00\U0001F600"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET /index.html HTTP/1.1")]
    [InlineData("caf\u00E9 \U0001F600")]
    public void A_clean_string_is_returned_as_it_is(string text) => Assert.Same(text, LogText.Escape(text));

    [Fact]
    public void Random_bytes_stay_within_the_expansion_and_leave_no_control()
    {
        var random = new Random(2);
        for (var i = 0; i < 5000; i++)
        {
            var text = new byte[random.Next(64)];
            random.NextBytes(text);
            var escaped = Escape(text);
            Assert.DoesNotContain(escaped, char.IsControl);
            Assert.DoesNotContain('\uFFFD', escaped);
        }
    }

    [Fact]
    public void The_worst_byte_fills_the_destination_exactly()
    {
        var text = Enumerable.Repeat((byte)0xFF, 8).ToArray();
        Assert.Equal(text.Length * LogText.MaxExpansion, LogText.Escape(text, new byte[text.Length * LogText.MaxExpansion]));
        Assert.Throws<ArgumentException>(() => LogText.Escape(text, new byte[text.Length * LogText.MaxExpansion - 1]));
    }

    private static string Escape(byte[] text)
    {
        var destination = new byte[text.Length * LogText.MaxExpansion];
        var written = LogText.Escape(text, destination);
        return Encoding.UTF8.GetString(destination, 0, written);
    }
}
