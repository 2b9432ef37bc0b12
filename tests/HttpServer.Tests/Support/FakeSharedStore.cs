using Http.Server.State;

namespace Http.Server.Tests.Support;

/// <summary>A store that says that it is shared, in memory, and can be away.</summary>
/// <param name="memory">What several have in common; null for one alone.</param>
internal sealed class FakeSharedStore(MemoryStateStore? memory = null) : IHttpStateStore
{
    private readonly MemoryStateStore _memory = memory ?? new();

    public bool IsAway { get; set; }

    public List<string> Buckets { get; } = [];

    public bool IsShared => true;

    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken = default) => Present.GetAsync(key, cancellationToken);

    public ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
        Present.SetAsync(key, value, expiry, cancellationToken);

    public ValueTask<bool> ExtendAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default) => Present.ExtendAsync(key, expiry, cancellationToken);

    public ValueTask<long> IncrementAsync(string key, long by = 1, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
        Present.IncrementAsync(key, by, expiry, cancellationToken);

    public ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default) => Present.RemoveAsync(key, cancellationToken);

    public ValueTask<bool> TryReplaceAsync(string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? value, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
        Present.TryReplaceAsync(key, expected, value, expiry, cancellationToken);

    public async ValueTask<TimeSpan> TakeTokenAsync(string key, int count, TimeSpan period, CancellationToken cancellationToken = default)
    {
        // A real one answers later, on another thread.
        await Task.Yield();
        lock (Buckets)
            Buckets.Add(key);
        return await Present.TakeTokenAsync(key, count, period, cancellationToken);
    }

    public ValueTask PublishAsync(string channel, ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) =>
        Present.PublishAsync(channel, message, cancellationToken);

    public ValueTask<HttpStateSubscription> SubscribeAsync(string channel, Func<ReadOnlyMemory<byte>, ValueTask> receive, CancellationToken cancellationToken = default) =>
        Present.SubscribeAsync(channel, receive, cancellationToken);

    public ValueTask DisposeAsync() => default;

    private MemoryStateStore Present => IsAway ? throw new HttpStateStoreException("The store is away.") : _memory;
}
