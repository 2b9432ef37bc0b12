using System.Text;
using Http.Server.Multipart;
using Http.Server.Protocol;

namespace Http.Server.Tests.Multipart;

public sealed class PartHeaderTests
{
    [Theory]
    [InlineData("A: b", "A", "b")]
    [InlineData("a-B:b", "a-B", "b")]
    [InlineData("A:", "A", "")]
    [InlineData("A: \t b c: d\t ", "A", "b c: d")]
    [InlineData("A: \u0001\u001b[31m\u007f\t.", "A", "\u0001\u001b[31m\u007f\t.")]
    [InlineData("A: \u00c3\u00a9", "A", "é")]
    [InlineData("A: \u00e9", "A", "é")]
    [InlineData("A: \u00c3\u00a9\u00e9", "A", "Ã©é")]
    public void A_line_is_a_name_and_a_value(string line, string name, string value)
    {
        Assert.Null(PartHeader.Parse(Encoding.Latin1.GetBytes(line), out var parsedName, out var parsedValue));
        Assert.Equal((name, value), (parsedName, parsedValue));
    }

    [Theory]
    [InlineData("A")]
    [InlineData(": b")]
    [InlineData("A : b")]
    [InlineData(" A: b")]
    [InlineData("A b: c")]
    [InlineData("\u00e9: b")]
    [InlineData("A: \0")]
    [InlineData("A: b\r")]
    [InlineData("A: b\nC: d")]
    public void What_is_no_header_line_is_refused(string line) =>
        Assert.Same(RequestFault.PartHeader, PartHeader.Parse(Encoding.Latin1.GetBytes(line), out _, out _));
}
