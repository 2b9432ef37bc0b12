using Http.Server.Sessions;
using Http.Server.State;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Sessions;

/// <summary>How long sessions are kept, how many, and who may have one.</summary>
public sealed class SessionKeeperTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStateStore _store;

    public SessionKeeperTests() => _store = new MemoryStateStore(_time);

    [Fact]
    public async Task A_session_lasts_from_its_last_request_on()
    {
        var keeper = Keep(new());
        var id = await BeginAsync(keeper, "x");
        for (var time = 0; time < 3; time++)
        {
            _time.Advance(TimeSpan.FromMinutes(19));
            await using var session = new Opened(await keeper.OpenAsync(id));
            Assert.Equal("x", session.Value["n"]);
        }

        _time.Advance(TimeSpan.FromMinutes(19));
        Assert.NotNull(await keeper.ReadAsync(id));
        _time.Advance(TimeSpan.FromMinutes(19));
        Assert.NotNull(await keeper.ReadAsync(id));
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Null(await keeper.ReadAsync(id));
        Assert.True((await keeper.OpenAsync(id)).IsEmpty);
    }

    [Fact]
    public async Task Of_too_many_the_one_goes_that_was_not_used_for_longest_and_users_stay()
    {
        var keeper = Keep(new() { MaxCount = 3 });
        var user = await BeginAsync(keeper, "user", new HttpUser("anna"));
        var (first, second) = (await BeginAsync(keeper, "1"), await BeginAsync(keeper, "2"));
        Assert.NotNull(await keeper.ReadAsync(first));
        var third = await BeginAsync(keeper, "3");
        Assert.Null(await keeper.ReadAsync(second));
        foreach (var id in new[] { user, first, third })
            Assert.NotNull(await keeper.ReadAsync(id));
        for (var count = 0; count < 10; count++)
            await BeginAsync(keeper, "more");
        Assert.NotNull(await keeper.ReadAsync(user));
        Assert.Equal(3, _store.Count);
        var users = new List<string>();
        for (var count = 0; count < 4; count++)
            users.Add(await BeginAsync(keeper, "user", new HttpUser("otto")));
        Assert.Null(await keeper.ReadAsync(user));
        Assert.NotNull(await keeper.ReadAsync(users[^1]));
        Assert.Equal(3, _store.Count);
    }

    [Fact]
    public async Task All_together_have_a_size_that_they_do_not_pass()
    {
        var keeper = Keep(new() { MaxBytes = 10_000, MaxTotalBytes = 30_000 });
        for (var count = 0; count < 20; count++)
            await BeginAsync(keeper, new string('x', 9_000));
        Assert.Equal(3, _store.Count);
    }

    [Fact]
    public async Task The_store_knows_neither_ids_nor_who_has_them()
    {
        var store = new FakeSharedStore();
        var id = await BeginAsync(new SessionKeeper(new(), store, _time), "x");
        Assert.Null(await store.GetAsync("session:" + id, TestContext.Current.CancellationToken));
        Assert.NotNull(await store.GetAsync(SessionId.KeyOf(id), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Who_lost_the_lock_loses_what_he_has_changed_and_nothing_of_others()
    {
        var store = new FakeSharedStore();
        var keeper = new SessionKeeper(new(), store, TimeProvider.System);
        var id = await BeginAsync(keeper, "x");
        var slow = await keeper.OpenAsync(id);
        // As if the process had stood still for longer than its lock lasts.
        await store.SetAsync(SessionId.KeyOf(id), new SessionContent { User = new HttpUser("otto") }.Encode(), cancellationToken: TestContext.Current.CancellationToken);
        slow["n"] = "late";
        await Assert.ThrowsAsync<HttpStateStoreException>(async () => await slow.EndAsync());
        Assert.Equal("otto", (await keeper.ReadAsync(id))!.User!.Name);

        var renewed = await keeper.OpenAsync(id);
        renewed.Renew();
        await store.RemoveAsync(SessionId.KeyOf(id), TestContext.Current.CancellationToken);
        var next = renewed.FindId()!;
        await Assert.ThrowsAsync<HttpStateStoreException>(async () => await renewed.EndAsync());
        Assert.Null(await keeper.ReadAsync(next));
    }

    [Fact]
    public async Task A_lock_of_a_process_that_has_ended_expires_and_none_is_given_back_by_another()
    {
        var (cancellation, store) = (TestContext.Current.CancellationToken, new FakeSharedStore());
        await store.SetAsync("session-lock:k", "gone"u8.ToArray(), TimeSpan.FromMilliseconds(50), cancellation);
        var taken = await SessionLock.TakeAsync(store, "k", TimeSpan.FromMinutes(1), TimeProvider.System);
        Assert.NotEqual("gone"u8.ToArray(), await store.GetAsync("session-lock:k", cancellation));
        await store.SetAsync("session-lock:k", "another"u8.ToArray(), cancellationToken: cancellation);
        await taken.DisposeAsync();
        Assert.Equal("another"u8.ToArray(), await store.GetAsync("session-lock:k", cancellation));
        await Assert.ThrowsAsync<HttpStateStoreException>(async () =>
            await SessionLock.TakeAsync(store, "k", TimeSpan.FromMilliseconds(20), TimeProvider.System));
    }

    [Fact]
    public async Task A_lock_is_extended_while_its_request_runs()
    {
        var (cancellation, store) = (TestContext.Current.CancellationToken, new FakeSharedStore(new MemoryStateStore(_time)));
        var taken = await SessionLock.TakeAsync(store, "k", TimeSpan.FromSeconds(1), _time);
        var owner = await store.GetAsync("session-lock:k", cancellation);
        for (var time = 0; time < 10; time++)
            _time.Advance(TimeSpan.FromSeconds(3));
        Assert.NotNull(owner);
        Assert.Equal(owner, await store.GetAsync("session-lock:k", cancellation));
        await taken.DisposeAsync();
        Assert.Null(await store.GetAsync("session-lock:k", cancellation));
    }

    private static async Task<string> BeginAsync(SessionKeeper keeper, string value, HttpUser? user = null)
    {
        var session = await keeper.OpenAsync(null);
        (session["n"], session.User) = (value, user);
        await session.EndAsync();
        return session.FindId()!;
    }

    private SessionKeeper Keep(HttpSessionOptions options) => new(options, _store, _time);

    private sealed class Opened(HttpSession session) : IAsyncDisposable
    {
        public HttpSession Value => session;

        public ValueTask DisposeAsync() => session.EndAsync();
    }
}
