using Http.Server.PowerShell.Handlers.Dashboards;

namespace Http.Server.PowerShell.Tests.Handlers.Dashboards;

/// <summary>Percentiles of times that are counted by their size.</summary>
public sealed class LatencyCountsTests
{
    private readonly LatencyCounts _counts = new();

    [Fact]
    public void There_is_none_of_nothing() => Assert.Null(_counts.FindPercentile(0.5));

    [Theory]
    [InlineData(0)]
    [InlineData(0.001)]
    [InlineData(0.015)]
    [InlineData(0.016)]
    [InlineData(0.031)]
    [InlineData(0.999)]
    [InlineData(1.234)]
    [InlineData(77.7)]
    [InlineData(5000)]
    [InlineData(1_800_000)]
    public void One_time_is_every_percentile_to_within_a_sixteenth(double milliseconds)
    {
        _counts.Add(TimeSpan.FromMilliseconds(milliseconds));
        foreach (var part in new[] { 0.01, 0.5, 1 })
            Assert.InRange(_counts.FindPercentile(part)!.Value.TotalMilliseconds, milliseconds, (milliseconds * 17 / 16) + 0.001);
    }

    [Fact]
    public void Of_a_thousand_times_each_part_is_right()
    {
        foreach (var number in Enumerable.Range(1, 1000).Reverse())
            _counts.Add(TimeSpan.FromMilliseconds(number));
        foreach (var part in new[] { 0.5, 0.95, 0.99, 1 })
            Assert.InRange(_counts.FindPercentile(part)!.Value.TotalMilliseconds, 1000 * part, (1000 * part * 17 / 16) + 1);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1e12, 2_147_483_647 / 1000d)]
    public void What_cannot_be_counts_as_the_nearest(double milliseconds, double counted)
    {
        _counts.Add(TimeSpan.FromMilliseconds(milliseconds));
        Assert.InRange(_counts.FindPercentile(1)!.Value.TotalMilliseconds, counted, counted * 17 / 16);
    }
}
