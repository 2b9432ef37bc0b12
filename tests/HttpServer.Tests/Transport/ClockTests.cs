using Http.Server.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Transport;

public sealed class ClockTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(1994, 11, 6, 8, 49, 37, TimeSpan.Zero));

    [Fact]
    public void The_date_is_made_once_a_second()
    {
        var clock = new Clock(_time);
        var first = clock.HttpDate(clock.UtcNow);
        Assert.Equal("Sun, 06 Nov 1994 08:49:37 GMT", first);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Same(first, clock.HttpDate(clock.UtcNow));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("Sun, 06 Nov 1994 08:49:38 GMT", clock.HttpDate(clock.UtcNow));
    }

    [Fact]
    public void Milliseconds_count_from_anywhere()
    {
        var clock = new Clock(_time);
        var start = clock.Milliseconds;
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2000, clock.Milliseconds - start);
        Assert.Equal(new DateTime(1994, 11, 6, 8, 49, 39), clock.UtcNow);
    }

    [Fact]
    public void The_systems_clock_is_the_systems()
    {
        var clock = new Clock(TimeProvider.System);
        var before = DateTime.UtcNow;
        Assert.InRange(clock.UtcNow, before, DateTime.UtcNow);
        var ticks = Environment.TickCount64;
        Assert.InRange(clock.Milliseconds, ticks, Environment.TickCount64);
    }
}
