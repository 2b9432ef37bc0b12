using Http.Server.Content;

namespace Http.Server.Tests.Content;

public class FileStampTests
{
    private static readonly DateTime Now = new(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    [Theory]
    [InlineData(-100, -100, true)]
    [InlineData(-2.1, -2.1, true)]
    [InlineData(-2, -2, false)]
    [InlineData(-1, -100, false)]
    [InlineData(-100, -1, false)]
    [InlineData(0, 0, false)]
    [InlineData(100, -100, false)]
    public void A_file_is_settled_when_neither_content_nor_name_changed_for_two_seconds(double modified, double changed, bool expected)
    {
        var stamp = new FileStamp(1, 2, 3, Now.AddSeconds(modified).Ticks, Now.AddSeconds(changed).Ticks);
        Assert.Equal(expected, stamp.IsSettled(Now));
    }

    [Fact]
    public void The_ends_of_time_do_no_harm()
    {
        Assert.False(new FileStamp(0, 0, 0, DateTime.MaxValue.Ticks, 0).IsSettled(DateTime.MaxValue));
        Assert.True(default(FileStamp).IsSettled(Now));
        Assert.Equal(new DateTime(Now.Ticks, DateTimeKind.Utc), new FileStamp(0, 0, 0, Now.Ticks, 0).ModifiedUtc);
    }
}
