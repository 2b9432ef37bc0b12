using System.Globalization;
using Http.Server.PowerShell.Timers;

namespace Http.Server.PowerShell.Tests.Timers;

public sealed class TimerScheduleTests
{
    private static readonly TimeZoneInfo Zone = MakeZone();

    [Theory]
    [InlineData("00:05:00", "2026-01-01 00:01:30", null, false, "2026-01-01 00:06:30")]
    [InlineData("00:05:00", "2026-01-01 00:06:30", "2026-01-01 00:06:30", false, "2026-01-01 00:11:30")]
    [InlineData("00:05:00", "2026-01-01 00:06:31", "2026-01-01 00:06:30", false, "2026-01-01 00:11:30")]
    // The machine slept: what has passed is left out.
    [InlineData("00:05:00", "2026-01-01 01:00:00", "2026-01-01 00:06:30", false, "2026-01-01 01:01:30")]
    [InlineData("00:05:00", "2026-01-01 00:01:30", null, true, "2026-01-01 00:05:00")]
    [InlineData("00:05:00", "2026-01-01 00:05:00", "2026-01-01 00:05:00", true, "2026-01-01 00:10:00")]
    [InlineData("00:00:00.1", "2026-01-01 00:00:00.05", null, true, "2026-01-01 00:00:00.1")]
    public void An_interval_counts_from_the_last_time_or_from_1970_where_it_is_shared(string every, string now, string? former, bool isShared, string due) =>
        Assert.Equal(Utc(due), Every(every).Next(Utc(now), former is null ? null : Utc(former), isShared, Zone));

    // The zone is two hours ahead; in the night to 2026-03-29 its clocks go from 02:00 to 03:00, and are three hours ahead until October.
    [Theory]
    [InlineData("03:30", "2026-01-01 00:00", "2026-01-01 01:30")]
    [InlineData("03:30", "2026-01-01 01:30", "2026-01-02 01:30")]
    [InlineData("00:00", "2026-01-01 00:00", "2026-01-01 22:00")]
    [InlineData("02:30", "2026-03-28 12:00", "2026-03-29 00:00")]
    [InlineData("12:00", "2026-03-29 12:00", "2026-03-30 09:00")]
    public void A_time_of_the_day_is_local(string at, string now, string due) => Assert.Equal(
        Utc(due), new TimerSchedule(null, TimeSpan.Parse(at, CultureInfo.InvariantCulture)).Next(Utc(now), null, isShared: true, Zone));

    [Fact]
    public void Times_that_are_due_have_numbers_of_their_own()
    {
        var every = Every("00:05:00");
        Assert.Equal(every.SlotOf(Utc("2026-01-01 00:05")), every.SlotOf(Utc("2026-01-01 00:09")));
        Assert.NotEqual(every.SlotOf(Utc("2026-01-01 00:05")), every.SlotOf(Utc("2026-01-01 00:10")));
        var daily = new TimerSchedule(null, TimeSpan.FromHours(3));
        Assert.NotEqual(daily.SlotOf(Utc("2026-01-01 01:00")), daily.SlotOf(Utc("2026-01-02 01:00")));
    }

    private static TimerSchedule Every(string time) => new(TimeSpan.Parse(time, CultureInfo.InvariantCulture), null);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static TimeZoneInfo MakeZone()
    {
        var march = TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 29);
        var october = TimeZoneInfo.TransitionTime.CreateFixedDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 25);
        var summer = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1), march, october);
        return TimeZoneInfo.CreateCustomTimeZone("Test", TimeSpan.FromHours(2), "Test", "Test", "Test summer", [summer]);
    }
}
