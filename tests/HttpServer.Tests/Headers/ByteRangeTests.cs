using Http.Server.Headers;

namespace Http.Server.Tests.Headers;

public sealed class ByteRangeTests
{
    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(10, 5, 14)]
    [InlineData(0, long.MaxValue, long.MaxValue - 1)]
    public void The_end_is_the_last_byte(long start, long length, long end) =>
        Assert.Equal(end, new ByteRange(start, length).End);
}
