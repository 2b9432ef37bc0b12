using Http.Server.State;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.State;

/// <summary>What is kept in memory is there until it expires, and never more than the bounds say.</summary>
public sealed class MemoryStateStoreTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStateStore _memory;
    private readonly IHttpStateStore _store;

    public MemoryStateStoreTests() => _store = _memory = new MemoryStateStore(_time) { MaxEntries = 10, MaxBytes = 10_000 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_and_texts_are_kept_and_removed()
    {
        Assert.Null(await _store.GetAsync("a", Cancellation));
        await _store.SetAsync("a", new byte[] { 0, 255, 7 }, cancellationToken: Cancellation);
        Assert.Equal([0, 255, 7], await _store.GetAsync("a", Cancellation));
        await _store.SetAsync("a", "grün", cancellationToken: Cancellation);
        Assert.Equal("grün", await _store.GetTextAsync("a", Cancellation));
        Assert.Null(await _store.GetTextAsync("A", Cancellation));
        Assert.True(await _store.RemoveAsync("a", Cancellation));
        Assert.False(await _store.RemoveAsync("a", Cancellation));
        Assert.Null(await _store.GetTextAsync("a", Cancellation));
    }

    [Fact]
    public async Task What_is_kept_does_not_change_with_the_callers_bytes()
    {
        byte[] bytes = [1, 2];
        await _store.SetAsync("a", bytes, cancellationToken: Cancellation);
        bytes[0] = 9;
        (await _store.GetAsync("a", Cancellation))![1] = 9;
        Assert.Equal([1, 2], await _store.GetAsync("a", Cancellation));
    }

    [Fact]
    public async Task A_value_expires_and_can_be_kept_longer()
    {
        await _store.SetAsync("a", "1", TimeSpan.FromSeconds(10), Cancellation);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.True(await _store.ExtendAsync("a", TimeSpan.FromSeconds(10), Cancellation));
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal("1", await _store.GetTextAsync("a", Cancellation));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(await _store.GetTextAsync("a", Cancellation));
        Assert.False(await _store.ExtendAsync("a", TimeSpan.FromSeconds(10), Cancellation));
        Assert.False(await _store.RemoveAsync("a", Cancellation));
    }

    [Fact]
    public async Task A_value_is_replaced_only_if_it_is_the_expected_one()
    {
        Assert.False(await _store.TryReplaceAsync("a", "1"u8.ToArray(), "2"u8.ToArray(), cancellationToken: Cancellation));
        Assert.True(await _store.TryReplaceAsync("a", null, "1"u8.ToArray(), TimeSpan.FromSeconds(1), Cancellation));
        Assert.False(await _store.TryReplaceAsync("a", null, "2"u8.ToArray(), cancellationToken: Cancellation));
        Assert.False(await _store.TryReplaceAsync("a", "2"u8.ToArray(), null, cancellationToken: Cancellation));
        Assert.True(await _store.TryReplaceAsync("a", "1"u8.ToArray(), Array.Empty<byte>(), TimeSpan.FromSeconds(2), Cancellation));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty((await _store.GetAsync("a", Cancellation))!);
        Assert.True(await _store.TryReplaceAsync("a", Array.Empty<byte>(), null, cancellationToken: Cancellation));
        Assert.Equal(0, _memory.Count);
        Assert.True(await _store.TryReplaceAsync("a", null, "3"u8.ToArray(), TimeSpan.FromSeconds(1), Cancellation));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await _store.TryReplaceAsync("a", "3"u8.ToArray(), null, cancellationToken: Cancellation));
        Assert.True(await _store.TryReplaceAsync("a", null, "4"u8.ToArray(), cancellationToken: Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _store.TryReplaceAsync("a", null, null, TimeSpan.Zero, Cancellation));
    }

    [Fact]
    public async Task Setting_a_value_forgets_its_expiry()
    {
        await _store.SetAsync("a", "1", TimeSpan.FromSeconds(1), Cancellation);
        await _store.SetAsync("a", "2", cancellationToken: Cancellation);
        _time.Advance(TimeSpan.FromDays(1000));
        Assert.Equal("2", await _store.GetTextAsync("a", Cancellation));
        await _store.SetAsync("a", "3", TimeSpan.MaxValue, Cancellation);
        Assert.Equal("3", await _store.GetTextAsync("a", Cancellation));
    }

    [Fact]
    public async Task A_counter_counts_and_keeps_the_expiry_of_its_beginning()
    {
        Assert.Equal(1, await _store.IncrementAsync("n", 1, TimeSpan.FromSeconds(10), Cancellation));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(6, await _store.IncrementAsync("n", 5, TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal("6", await _store.GetTextAsync("n", Cancellation));
        Assert.Equal(-4, await _store.IncrementAsync("n", -10, cancellationToken: Cancellation));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await _store.IncrementAsync("n", cancellationToken: Cancellation));
    }

    [Theory]
    [InlineData("x", 1)]
    [InlineData("", 1)]
    [InlineData("9223372036854775807", 1)]
    [InlineData("-9223372036854775808", -1)]
    public async Task What_is_no_number_or_would_be_none_is_not_counted(string value, long by)
    {
        await _store.SetAsync("n", value, cancellationToken: Cancellation);
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await _store.IncrementAsync("n", by, cancellationToken: Cancellation));
        Assert.Contains("'n'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(value, await _store.GetTextAsync("n", Cancellation));
    }

    [Fact]
    public async Task No_two_callers_get_the_same_sum()
    {
        var sums = new System.Collections.Concurrent.ConcurrentBag<long>();
        await Parallel.ForAsync(0, 10_000, Cancellation, async (_, token) => sums.Add(await _store.IncrementAsync("n", cancellationToken: token)));
        Assert.Equal(10_000, sums.Distinct().Count());
        Assert.Equal(10_000, sums.Max());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 60)]
    [InlineData(1_000, 86_400)]
    public async Task A_bucket_holds_its_tokens_and_gets_them_back_evenly(int count, int seconds)
    {
        var period = TimeSpan.FromSeconds(seconds);
        for (var taken = 0; taken < count; taken++)
            Assert.Equal(TimeSpan.Zero, await _store.TakeTokenAsync("a", count, period, Cancellation));
        Assert.Equal(period.TotalSeconds / count, (await _store.TakeTokenAsync("a", count, period, Cancellation)).TotalSeconds, 3);
        Assert.Equal(TimeSpan.Zero, await _store.TakeTokenAsync("b", count, period, Cancellation));
        _time.Advance(period / count);
        Assert.Equal(TimeSpan.Zero, await _store.TakeTokenAsync("a", count, period, Cancellation));
        Assert.NotEqual(TimeSpan.Zero, await _store.TakeTokenAsync("a", count, period, Cancellation));
    }

    [Fact]
    public async Task A_full_store_refuses_more_until_something_has_expired()
    {
        for (var at = 0; at < 10; at++)
            await _store.SetAsync($"{at}", "x", TimeSpan.FromSeconds(5), Cancellation);
        var exception = await Assert.ThrowsAsync<HttpStateStoreException>(async () => await _store.SetAsync("more", "x", cancellationToken: Cancellation));
        Assert.Contains("10 of 10 entries", exception.Message, StringComparison.Ordinal);
        await _store.SetAsync("3", "in place", cancellationToken: Cancellation);
        _time.Advance(TimeSpan.FromSeconds(5));
        await _store.SetAsync("more", "x", cancellationToken: Cancellation);
        Assert.Equal(2, _memory.Count);
        Assert.Equal("in place", await _store.GetTextAsync("3", Cancellation));
    }

    [Fact]
    public async Task A_full_store_counts_bytes_too()
    {
        await _store.SetAsync("a", new byte[8_000], cancellationToken: Cancellation);
        await Assert.ThrowsAsync<HttpStateStoreException>(async () => await _store.SetAsync("b", new byte[3_000], cancellationToken: Cancellation));
        await _store.SetAsync("a", new byte[1_000], cancellationToken: Cancellation);
        await _store.SetAsync("b", new byte[3_000], cancellationToken: Cancellation);
        await _store.RemoveAsync("b", Cancellation);
        await _store.SetAsync("c", new byte[8_000], cancellationToken: Cancellation);
    }

    [Fact]
    public async Task What_has_expired_is_swept()
    {
        await _store.SetAsync("a", "1", TimeSpan.FromSeconds(1), Cancellation);
        await _store.SetAsync("b", "1", cancellationToken: Cancellation);
        _time.Advance(TimeSpan.FromSeconds(9));
        _memory.SweepIfDue();
        Assert.Equal(2, _memory.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        _memory.SweepIfDue();
        Assert.Equal(1, _memory.Count);
    }

    [Fact]
    public async Task Names_are_not_empty_and_times_not_over()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await _store.GetAsync("", Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _store.SetAsync("a", "x", TimeSpan.Zero, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _store.ExtendAsync("a", TimeSpan.Zero, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await _store.TakeTokenAsync("a", 0, TimeSpan.FromSeconds(1), Cancellation));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _store.GetAsync("a", new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_message_reaches_all_who_have_subscribed_to_its_channel_in_order()
    {
        var (first, second, other) = (new Received(), new Received(), new Received());
        await using var a = await _store.SubscribeAsync("news", first.TakeAsync, Cancellation);
        var b = await _store.SubscribeAsync("news", second.TakeAsync, Cancellation);
        await using var c = await _store.SubscribeAsync("else", other.TakeAsync, Cancellation);
        foreach (var number in Enumerable.Range(0, 100))
            await _store.PublishAsync("news", $"{number}", Cancellation);
        await first.WaitForAsync(100);
        await second.WaitForAsync(100);
        Assert.Equal(Enumerable.Range(0, 100).Select(static number => $"{number}"), first.Texts);
        await b.DisposeAsync();
        await b.DisposeAsync();
        await _store.PublishAsync("news", "last", Cancellation);
        await _store.PublishAsync("else", "end", Cancellation);
        await first.WaitForAsync(101);
        await other.WaitForAsync(1);
        Assert.Equal(100, second.Texts.Count);
        Assert.Equal(["end"], other.Texts);
    }

    [Fact]
    public async Task A_receiver_that_is_slow_or_fails_holds_nobody_up()
    {
        var gate = new TaskCompletionSource();
        var (slow, quick) = (new Received(), new Received());
        await using var blocked = await _store.SubscribeAsync("news", async message => { await gate.Task; await slow.TakeAsync(message); }, Cancellation);
        await using var failing = await _store.SubscribeAsync("news", static _ => throw new InvalidOperationException(), Cancellation);
        await using var good = await _store.SubscribeAsync("news", quick.TakeAsync, Cancellation);
        // One more than wait may be with the receiver already.
        for (var sent = 0; sent < HttpStateSubscription.Capacity + 2; sent++)
        {
            await _store.PublishAsync("news", "x", Cancellation);
            await quick.WaitForAsync(sent + 1);
        }

        Assert.InRange(blocked.LostCount, 1, 2);
        gate.SetResult();
        await slow.WaitForAsync(HttpStateSubscription.Capacity);
        await _store.PublishAsync("news", "last", Cancellation);
        await slow.WaitForTextAsync("last");
    }
}
