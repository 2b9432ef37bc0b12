using System.Text;
using Http.Server.Multipart;

namespace Http.Server.Tests.Multipart;

public sealed class MultipartDelimiterTests
{
    [Theory]
    [InlineData("", 0, "None", 0)]
    [InlineData("content", 7, "None", 0)]
    [InlineData("content\r", 7, "None", 0)]
    [InlineData("content\r\n", 7, "None", 0)]
    [InlineData("content\r\n--", 7, "None", 0)]
    [InlineData("content\r\n--bb", 7, "None", 0)]
    [InlineData("content\r\n--bb-", 7, "None", 0)]
    [InlineData("content\r\n--bb--", 7, "None", 0)]
    [InlineData("content\r\n--bb-- ", 7, "None", 0)]
    [InlineData("content\r\n--bb \t\r", 7, "None", 0)]
    [InlineData("content\r\n--bb--\r", 7, "None", 0)]
    [InlineData("content\r\n--bb\r\nmore", 7, "Part", 8)]
    [InlineData("content\r\n--bb \t\r\nmore", 7, "Part", 10)]
    [InlineData("content\r\n--bb--\r\nmore", 7, "Close", 10)]
    [InlineData("content\r\n--bb--\t \r\nmore", 7, "Close", 12)]
    [InlineData("\r\n--bb\r\n", 0, "Part", 8)]
    [InlineData("content\r\n--bbx", 14, "None", 0)]
    [InlineData("content\r\n--bb x", 15, "None", 0)]
    [InlineData("content\r\n--bb-x", 15, "None", 0)]
    [InlineData("content\r\n--bb--x", 16, "None", 0)]
    [InlineData("content\r\n--bb\rx", 15, "None", 0)]
    [InlineData("content\r\n--bb\r\r\n--bb", 14, "None", 0)]
    [InlineData("content\r\n--bbb\r\n--bb\r\n", 14, "Part", 8)]
    [InlineData("content\r\n--ba\r\n--b", 13, "None", 0)]
    [InlineData("content\r\r\n", 8, "None", 0)]
    [InlineData("\r\n\r\n\r\n", 4, "None", 0)]
    public void Content_is_told_from_what_is_or_may_become_a_delimiter(string text, int content, string kind, int length) =>
        Assert.Equal((content, kind, length), Find(text, isEnd: false));

    [Theory]
    [InlineData("content\r\n--bb--", 7, "Close")]
    [InlineData("content\r\n--bb-- \t", 7, "Close")]
    [InlineData("content\r\n--bb-", 14, "None")]
    [InlineData("content\r\n--bb", 13, "None")]
    [InlineData("content\r\n--bb ", 14, "None")]
    [InlineData("content\r\n--bb--\r", 15, "None")]
    [InlineData("content\r\n--b", 7, "None")]
    public void At_the_end_the_closing_delimiter_needs_no_line_end(string text, int content, string kind) =>
        Assert.Equal((content, kind), (Find(text, isEnd: true).Content, Find(text, isEnd: true).Kind));

    private static (int Content, string Kind, int Length) Find(string text, bool isEnd)
    {
        var kind = MultipartDelimiter.Find(Encoding.ASCII.GetBytes(text), MultipartDelimiter.Of("bb"), isEnd, out var content, out var length);
        return (content, kind.ToString(), length);
    }
}
