using System.Text;
using Http.Server.Headers;
using Http.Server.StaticFiles;

namespace Http.Server.Tests.StaticFiles;

public class RangeAnswerTests
{
    [Fact]
    public void Content_Range_tells_the_first_and_last_byte_and_the_length()
    {
        Assert.Equal("bytes 2-4/10", RangeAnswer.ContentRange(new ByteRange(2, 3), 10));
        Assert.Equal("bytes 4294967419-4294967424/5368709120", RangeAnswer.ContentRange(new ByteRange((4L << 30) + 123, 6), 5L << 30));
        Assert.Equal("bytes */10", RangeAnswer.Unsatisfiable(10));
        Assert.Equal("bytes */0", RangeAnswer.Unsatisfiable(0));
    }

    [Fact]
    public void Parts_are_delimited_and_typed()
    {
        var parts = RangeAnswer.Multipart([new ByteRange(0, 1), new ByteRange(5, 3)], 10, "text/plain", out var boundary);
        Assert.Equal([(0, 1), (5, 3), (0, 0)], parts.Select(part => (part.Start, part.Length)));
        Assert.Equal(
            $"--{boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/10\r\n\r\n"
            + $"\r\n--{boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 5-7/10\r\n\r\n"
            + $"\r\n--{boundary}--\r\n",
            string.Concat(parts.Select(part => Encoding.ASCII.GetString(part.Prefix.Span))));
    }

    [Fact]
    public void A_boundary_is_a_plain_token_and_never_the_same()
    {
        var boundaries = Enumerable.Range(0, 100).Select(_ =>
        {
            RangeAnswer.Multipart([new ByteRange(0, 1), new ByteRange(5, 3)], 10, "text/plain", out var boundary);
            return boundary;
        }).ToList();
        Assert.Distinct(boundaries);
        Assert.All(boundaries, boundary => Assert.Matches("^[0-9a-f]{32}$", boundary));
    }
}
