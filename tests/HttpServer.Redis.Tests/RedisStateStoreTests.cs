namespace Http.Server.Redis.Tests;

/// <summary>The store as its interface says, against the real programs.</summary>
public sealed class RedisStateStoreTests
{
    public static TheoryData<string> Programs => StoreProgram.All;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task What_one_sets_another_one_gets(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using IHttpStateStore one = await OpenAsync(program.Url), other = await OpenAsync(program.Url);
        Assert.True(one.IsShared);
        Assert.Null(await other.GetAsync("a", Cancellation));
        await one.SetAsync("a", new byte[] { 0, 255, 13, 10 }, cancellationToken: Cancellation);
        Assert.Equal([0, 255, 13, 10], await other.GetAsync("a", Cancellation));
        await other.SetAsync("a", "grün", cancellationToken: Cancellation);
        Assert.Equal("grün", await one.GetTextAsync("a", Cancellation));
        await one.SetAsync("empty", "", cancellationToken: Cancellation);
        Assert.Equal("", await other.GetTextAsync("empty", Cancellation));
        Assert.True(await one.RemoveAsync("a", Cancellation));
        Assert.False(await other.RemoveAsync("a", Cancellation));
        Assert.Null(await other.GetTextAsync("a", Cancellation));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Values_expire_and_are_kept_longer(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using IHttpStateStore store = await OpenAsync(program.Url);
        await store.SetAsync("short", "x", TimeSpan.FromMilliseconds(50), Cancellation);
        await store.SetAsync("renewed", "x", TimeSpan.FromSeconds(5), Cancellation);
        Assert.True(await store.ExtendAsync("renewed", TimeSpan.FromHours(1), Cancellation));
        await store.SetAsync("kept", "x", TimeSpan.FromSeconds(5), Cancellation);
        await store.SetAsync("kept", "x", TimeSpan.MaxValue, Cancellation);
        Assert.Equal(1, await store.IncrementAsync("count", 1, TimeSpan.FromMilliseconds(50), Cancellation));
        Assert.Equal(3, await store.IncrementAsync("long", 3, TimeSpan.FromHours(1), Cancellation));
        Assert.Equal(4, await store.IncrementAsync("long", 1, TimeSpan.FromMilliseconds(1), Cancellation));
        await Eventually.HoldsAsync(async () => await store.GetAsync("short", Cancellation) is null && await store.GetAsync("count", Cancellation) is null, "both have expired");
        Assert.Equal("x", await store.GetTextAsync("renewed", Cancellation));
        Assert.Equal("x", await store.GetTextAsync("kept", Cancellation));
        Assert.Equal("4", await store.GetTextAsync("long", Cancellation));
        Assert.False(await store.ExtendAsync("short", TimeSpan.FromHours(1), Cancellation));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_hundred_thousand_increments_over_several_connections_are_exact(string kind)
    {
        const int connections = 4, each = 25_000;
        await using var program = await StoreProgram.StartAsync(kind);
        var stores = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => OpenAsync(program.Url)));
        var sums = new int[connections * each];
        await Parallel.ForEachAsync(stores, Cancellation, async (store, token) =>
        {
            foreach (var batch in Enumerable.Range(0, each).Chunk(100))
            {
                foreach (var sum in await Task.WhenAll(batch.Select(_ => store.IncrementAsync("n", cancellationToken: token).AsTask())))
                    Interlocked.Increment(ref sums[sum - 1]);
            }
        });
        Assert.All(sums, static times => Assert.Equal(1, times));
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task What_is_no_number_is_not_counted(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using IHttpStateStore store = await OpenAsync(program.Url);
        foreach (var value in new[] { "x", "9223372036854775807" })
        {
            await store.SetAsync("n", value, cancellationToken: Cancellation);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await store.IncrementAsync("n", cancellationToken: Cancellation));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await store.IncrementAsync("n", 1, TimeSpan.FromHours(1), Cancellation));
            Assert.Equal(value, await store.GetTextAsync("n", Cancellation));
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_value_is_replaced_by_one_of_many_and_only_if_it_is_the_expected_one(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using IHttpStateStore store = await OpenAsync(program.Url), other = await OpenAsync(program.Url);
        Assert.False(await store.TryReplaceAsync("a", "1"u8.ToArray(), "2"u8.ToArray(), cancellationToken: Cancellation));
        var tries = await Task.WhenAll(Enumerable.Range(0, 50).Select(number =>
            (number % 2 == 0 ? store : other).TryReplaceAsync("a", null, new[] { (byte)number }, TimeSpan.FromMinutes(1), Cancellation).AsTask()));
        Assert.Single(tries, static isTaken => isTaken);
        var taken = (await other.GetAsync("a", Cancellation))!;
        Assert.False(await store.TryReplaceAsync("a", new byte[] { 255 }, taken, cancellationToken: Cancellation));
        Assert.True(await store.TryReplaceAsync("a", taken, new byte[] { 0, 13, 10, 255 }, cancellationToken: Cancellation));
        Assert.Equal([0, 13, 10, 255], await other.GetAsync("a", Cancellation));
        Assert.True(await store.TryReplaceAsync("a", new byte[] { 0, 13, 10, 255 }, Array.Empty<byte>(), TimeSpan.FromMilliseconds(1), Cancellation));
        await Eventually.HoldsAsync(async () => await store.GetAsync("a", Cancellation) is null, "it expires");
        await store.SetAsync("a", Array.Empty<byte>(), cancellationToken: Cancellation);
        Assert.False(await store.TryReplaceAsync("a", null, null, cancellationToken: Cancellation));
        Assert.True(await store.TryReplaceAsync("a", Array.Empty<byte>(), null, cancellationToken: Cancellation));
        Assert.Null(await store.GetAsync("a", Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.TryReplaceAsync("a", null, taken, TimeSpan.Zero, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_bucket_is_one_for_all(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using IHttpStateStore one = await OpenAsync(program.Url), other = await OpenAsync(program.Url);
        var waits = await Task.WhenAll(Enumerable.Range(0, 25).Select(
            number => (number % 2 == 0 ? one : other).TakeTokenAsync("a", 20, TimeSpan.FromHours(1), Cancellation).AsTask()));
        Assert.Equal(20, waits.Count(static wait => wait == TimeSpan.Zero));
        Assert.All(waits.Where(static wait => wait != TimeSpan.Zero), static wait => Assert.InRange(wait.TotalSeconds, 100, 180));
        Assert.Equal(TimeSpan.Zero, await one.TakeTokenAsync("b", 20, TimeSpan.FromHours(1), Cancellation));
        // Of a thousand in a second one is back in a millisecond.
        await Eventually.HoldsAsync(async () => await one.TakeTokenAsync("quick", 1_000, TimeSpan.FromSeconds(1), Cancellation) == TimeSpan.Zero, "there is a token");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task What_is_published_at_one_reaches_subscribers_of_another_in_order(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using IHttpStateStore one = await OpenAsync(program.Url), other = await OpenAsync(program.Url);
        var (news, own, ended) = (new Received(), new Received(), new Received());
        await using var first = await other.SubscribeAsync("news", news.TakeAsync, Cancellation);
        await using var second = await one.SubscribeAsync("news", own.TakeAsync, Cancellation);
        var third = await other.SubscribeAsync("news", ended.TakeAsync, Cancellation);
        await third.DisposeAsync();
        var sent = Enumerable.Range(0, 1_000).Select(static number => $"{number}").ToArray();
        foreach (var text in sent)
            await one.PublishAsync("news", text, Cancellation);
        await one.PublishAsync("else", "x", Cancellation);
        await Eventually.HoldsAsync(() => news.Texts.Count >= sent.Length && own.Texts.Count >= sent.Length, "all have come");
        Assert.Equal(sent, news.Texts);
        Assert.Equal(sent, own.Texts);
        Assert.Empty(ended.Texts);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Sites_of_different_prefixes_and_databases_do_not_meet(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using IHttpStateStore usual = await OpenAsync(program.Url), same = await OpenAsync(program.Url + "/0?prefix=httpserver:"),
            prefix = await OpenAsync(program.Url + "?prefix=shop:"), database = await OpenAsync(program.Url + "/1");
        await usual.SetAsync("a", "x", cancellationToken: Cancellation);
        Assert.Equal("x", await same.GetTextAsync("a", Cancellation));
        Assert.Null(await prefix.GetTextAsync("a", Cancellation));
        Assert.Null(await database.GetTextAsync("a", Cancellation));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_password_is_asked_for(string kind)
    {
        const string password = "p@ss/w:r%d#1";
        await using var program = await StoreProgram.StartAsync(kind, password);
        await using IHttpStateStore right = await OpenAsync(program.Url);
        await right.SetAsync("a", "x", cancellationToken: Cancellation);
        await using IHttpStateStore wrong = await OpenAsync(program.Url.Replace("%231", "2", StringComparison.Ordinal));
        await Eventually.HoldsAsync(async () =>
        {
            var exception = await Assert.ThrowsAsync<HttpStateStoreException>(async () => await wrong.GetAsync("a", Cancellation));
            Assert.DoesNotContain("d2", exception.ToString(), StringComparison.Ordinal);
            return exception.Message.Contains("another user or password", StringComparison.Ordinal);
        }, "the password is found to be wrong");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_store_that_is_halted_is_away_and_comes_back_by_itself(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using IHttpStateStore store = await OpenAsync(program.Url);
        var news = new Received();
        await using var subscription = await store.SubscribeAsync("news", news.TakeAsync, Cancellation);
        await store.SetAsync("a", "x", cancellationToken: Cancellation);
        program.Halt();
        try
        {
            var first = await Assert.ThrowsAsync<HttpStateStoreException>(async () => await store.GetAsync("a", Cancellation));
            Assert.Contains($"{StateStoreAddress.Parse(program.Url)} is away", first.Message, StringComparison.Ordinal);
            // Callers that come now do not wait for it again.
            await Assert.ThrowsAsync<HttpStateStoreException>(async () => await store.IncrementAsync("n", cancellationToken: Cancellation));
            await Assert.ThrowsAsync<HttpStateStoreException>(async () => await store.PublishAsync("news", "lost", Cancellation));
        }
        finally
        {
            program.Resume();
        }

        await Eventually.HoldsAsync(async () => await store.GetTextAsync("a", Cancellation) == "x", "the store is back");
        await Eventually.HoldsAsync(async () =>
        {
            await store.PublishAsync("news", "again", Cancellation);
            return news.Texts.Contains("again");
        }, "the subscription goes on");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_store_that_dies_and_starts_anew_is_used_again_with_its_subscriptions(string kind)
    {
        await using var program = await StoreProgram.StartAsync(kind);
        await using IHttpStateStore store = await OpenAsync(program.Url);
        var (before, meanwhile) = (new Received(), new Received());
        await using var first = await store.SubscribeAsync("news", before.TakeAsync, Cancellation);
        await program.KillAsync();
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await store.GetAsync("a", Cancellation);
                return false;
            }
            catch (HttpStateStoreException)
            {
                return true;
            }
        }, "the store is known to be away");
        await using var second = await store.SubscribeAsync("news", meanwhile.TakeAsync, Cancellation);
        await program.StartAsync();
        await Eventually.HoldsAsync(async () => await store.IncrementAsync("n", cancellationToken: Cancellation) > 0, "the store is back");
        Assert.Equal(TimeSpan.Zero, await store.TakeTokenAsync("a", 1, TimeSpan.FromHours(1), Cancellation));
        await Eventually.HoldsAsync(async () =>
        {
            await store.PublishAsync("news", "again", Cancellation);
            return before.Texts.Contains("again") && meanwhile.Texts.Contains("again");
        }, "both subscriptions go on");
    }

    [Fact]
    public async Task A_store_that_is_not_there_at_first_is_used_when_it_comes()
    {
        await using var program = await StoreProgram.StartAsync("redis");
        await program.KillAsync();
        await using IHttpStateStore store = await OpenAsync(program.Url);
        await Eventually.HoldsAsync(async () => (await Assert.ThrowsAsync<HttpStateStoreException>(async () => await store.GetAsync("a", Cancellation)))
            .Message.Contains("is away: Connection refused. It is asked again", StringComparison.Ordinal), "the reason is known");
        await program.StartAsync();
        await Eventually.HoldsAsync(async () => await store.GetAsync("a", Cancellation) is null, "it is there");
    }

    [Fact]
    public async Task Waiting_can_be_ended()
    {
        await using var program = await StoreProgram.StartAsync("redis");
        await using IHttpStateStore store = await OpenAsync(program.Url);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.GetAsync("a", new CancellationToken(canceled: true)));
        program.Halt();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.GetAsync("a", soon.Token));
        program.Resume();
    }

    private static Task<IHttpStateStore> OpenAsync(string url) => RedisStateStore.OpenAsync(StateStoreAddress.Parse(url));
}
