using Http.Server.Files;

namespace Http.Server.Tests.Files;

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

    [Theory]
    [InlineData(-21, 5, true)]
    [InlineData(-19, 5, false)]
    [InlineData(0, 5, false)]
    [InlineData(100, 5, false)]
    // Whole seconds: the file system knows no finer steps, or this is one time in ten million.
    [InlineData(-1999, 0, false)]
    [InlineData(-3000, 0, true)]
    public void A_stamp_is_distinct_when_the_next_change_must_give_another_one(int milliseconds, long ticks, bool expected)
    {
        var changed = Now.AddTicks(ticks);
        Assert.Equal(expected, new FileStamp(1, 2, 3, 4, changed.Ticks).IsDistinct(changed.AddMilliseconds(-milliseconds)));
    }

    [Fact]
    public void Without_the_time_of_the_last_change_nothing_is_distinct_and_no_date_is_true()
    {
        Assert.False(new FileStamp(1, 2, 3, 4, 0).IsDistinct(Now));
        Assert.False(new FileStamp(1, 2, 3, 4, 0).HasTrueDate);
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 9_999_999, true)]
    [InlineData(1, 10_000_001, false)]
    [InlineData(-1, 1, false)]
    [InlineData(0, 0, false)]
    public void A_date_is_true_when_it_is_that_of_the_last_change(long modified, long changed, bool expected) =>
        Assert.Equal(expected, new FileStamp(1, 2, 3, Now.Ticks + modified, Now.Ticks + changed).HasTrueDate);

    [Fact]
    public void The_last_change_is_the_later_of_both() =>
        Assert.Equal((Now.AddSeconds(2), Now.AddSeconds(3)), (
            new FileStamp(0, 0, 0, Now.Ticks, Now.AddSeconds(2).Ticks).LastChangeUtc, new FileStamp(0, 0, 0, Now.AddSeconds(3).Ticks, Now.Ticks).LastChangeUtc));
}
