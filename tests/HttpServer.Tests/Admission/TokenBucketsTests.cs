using Http.Server.Admission;
using Http.Server.Resources;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Admission;

/// <summary>Tokens are taken and come back evenly, for each key by itself, and the table stays bounded.</summary>
public sealed class TokenBucketsTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(7, 60)]
    [InlineData(100, 60)]
    [InlineData(1_000_000, 86_400)]
    public void A_full_bucket_has_its_count_and_no_more(int count, int seconds)
    {
        var buckets = new TokenBuckets(count, TimeSpan.FromSeconds(seconds), _time);
        for (var taken = 0; taken < count; taken++)
            Assert.Equal(TimeSpan.Zero, buckets.Take(1));
        Assert.NotEqual(TimeSpan.Zero, buckets.Take(1));
        Assert.Equal(TimeSpan.Zero, buckets.Take(2));
    }

    [Fact]
    public void Tokens_come_back_evenly_and_the_wait_is_told()
    {
        var buckets = new TokenBuckets(10, TimeSpan.FromSeconds(10), _time);
        for (var taken = 0; taken < 10; taken++)
            buckets.Take(1);
        Assert.Equal(1, buckets.Take(1).TotalSeconds, 3);
        _time.Advance(TimeSpan.FromSeconds(0.4));
        Assert.Equal(0.6, buckets.Take(1).TotalSeconds, 3);
        _time.Advance(TimeSpan.FromSeconds(0.6));
        Assert.Equal(TimeSpan.Zero, buckets.Take(1));
        Assert.NotEqual(TimeSpan.Zero, buckets.Take(1));
        _time.Advance(TimeSpan.FromHours(1));
        for (var taken = 0; taken < 10; taken++)
            Assert.Equal(TimeSpan.Zero, buckets.Take(1));
        Assert.NotEqual(TimeSpan.Zero, buckets.Take(1));
    }

    [Fact]
    public void A_client_of_many_keys_does_not_make_room_for_itself()
    {
        var buckets = new TokenBuckets(10, TimeSpan.FromSeconds(10), _time);
        for (var taken = 0; taken < 10; taken++)
            buckets.Take(1);
        for (UInt128 key = 2; key < ExpiringTable<long>.MaxEntries * 3; key++)
            buckets.Take(key);
        // Its bucket is the emptiest of all, so those that were asked once are forgotten before it.
        Assert.NotEqual(TimeSpan.Zero, buckets.Take(1));
    }

    [Fact]
    public void Those_who_ask_at_once_get_no_more_together()
    {
        var buckets = new TokenBuckets(1000, TimeSpan.FromDays(1), _time);
        var taken = 0;
        Parallel.For(0, 4000, _ =>
        {
            if (buckets.Take(1) == TimeSpan.Zero)
                Interlocked.Increment(ref taken);
        });
        Assert.Equal(1000, taken);
    }
}
