using System.Text;
using Http.Server.Protocol;

namespace Http.Server.Tests.Protocol;

public sealed class ChunkParserTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("5", 5)]
    [InlineData("0005", 5)]
    [InlineData("aF", 0xaf)]
    [InlineData("100000000", 0x100000000)]
    [InlineData("7fffffffffffffff", long.MaxValue)]
    [InlineData("00000000000000000000000000000001", 1)]
    [InlineData("5;a", 5)]
    [InlineData("5 ;\ta = b", 5)]
    [InlineData("5;a=\"b;\\\"c\"", 5)]
    [InlineData("5;a;b=c;d=\"\"", 5)]
    public void A_size_line_is_read(string line, long expected)
    {
        Assert.Null(ChunkParser.ParseSize(Encoding.Latin1.GetBytes(line), out var size));
        Assert.Equal(expected, size);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 5")]
    [InlineData("+5")]
    [InlineData("-5")]
    [InlineData("0x5")]
    [InlineData("5g")]
    [InlineData("5,")]
    [InlineData(";a")]
    [InlineData("5\0")]
    [InlineData("5\r")]
    [InlineData("8000000000000000")]
    [InlineData("10000000000000005")]
    [InlineData("ffffffffffffffffffff")]
    public void A_size_that_is_no_plain_hexadecimal_number_of_63_bits_is_refused(string line) =>
        Assert.Same(RequestFault.ChunkSize, ChunkParser.ParseSize(Encoding.Latin1.GetBytes(line), out _));

    [Theory]
    [InlineData("5 ")]
    [InlineData("5\t")]
    [InlineData("5;")]
    [InlineData("5;;a")]
    [InlineData("5;=b")]
    [InlineData("5;a=")]
    [InlineData("5;a=\"b")]
    [InlineData("5;a=\"b\\")]
    [InlineData("5;a=\"b\"c")]
    [InlineData("5;a=b c")]
    [InlineData("5;a ")]
    [InlineData("5;a\rb")]
    [InlineData("5;a=\"\n\"")]
    [InlineData("5;a=\"\\\0\"")]
    [InlineData("5 a")]
    public void An_extension_outside_the_grammar_is_refused(string line) =>
        Assert.Same(RequestFault.ChunkExtension, ChunkParser.ParseSize(Encoding.Latin1.GetBytes(line), out _));

    [Theory]
    [InlineData("", true, -1)]
    [InlineData("5", true, -1)]
    [InlineData("5\r", true, -1)]
    [InlineData("5\r\n", true, 1)]
    [InlineData("\r\n", true, 0)]
    [InlineData("5\r\nx\n", true, 1)]
    [InlineData("5\n", false, -1)]
    [InlineData("\n", false, -1)]
    [InlineData("5\rx", false, -1)]
    [InlineData("5\r\r\n", false, -1)]
    public void A_line_ends_in_crlf_alone(string text, bool valid, int expected)
    {
        Assert.Equal(valid, ChunkParser.TryFindLine(Encoding.Latin1.GetBytes(text), out var length));
        Assert.Equal(expected, length);
    }

    [Theory]
    [InlineData("X: y", true)]
    [InlineData("X:", true)]
    [InlineData("X : y", false)]
    [InlineData(" X: y", false)]
    [InlineData(": y", false)]
    [InlineData("X", false)]
    [InlineData("X: \0", false)]
    [InlineData("X: \r", false)]
    public void A_trailer_is_held_to_the_grammar_of_headers(string line, bool valid) =>
        Assert.Equal(valid, ChunkParser.IsTrailer(Encoding.Latin1.GetBytes(line)));
}
