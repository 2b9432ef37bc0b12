using Http.Server.State;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A store that other servers see, as far as they can tell, and that may be away.</summary>
internal sealed class SharedStore(TimeProvider? time = null) : IHttpStateStore
{
    private readonly MemoryStateStore _memory = new(time);

    public bool IsShared => true;

    /// <summary>Whether nobody reaches it.</summary>
    public bool IsAway { get; set; }

    private MemoryStateStore Memory => IsAway ? throw new HttpStateStoreException("The store is away.") : _memory;

    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken = default) => Memory.GetAsync(key, cancellationToken);

    public ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
        Memory.SetAsync(key, value, expiry, cancellationToken);

    public ValueTask<bool> ExtendAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default) => Memory.ExtendAsync(key, expiry, cancellationToken);

    public ValueTask<long> IncrementAsync(string key, long by = 1, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
        Memory.IncrementAsync(key, by, expiry, cancellationToken);

    public ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default) => Memory.RemoveAsync(key, cancellationToken);

    public ValueTask<bool> TryReplaceAsync(string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? value, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
        Memory.TryReplaceAsync(key, expected, value, expiry, cancellationToken);

    public ValueTask<TimeSpan> TakeTokenAsync(string key, int count, TimeSpan period, CancellationToken cancellationToken = default) =>
        Memory.TakeTokenAsync(key, count, period, cancellationToken);

    public ValueTask PublishAsync(string channel, ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) =>
        Memory.PublishAsync(channel, message, cancellationToken);

    public ValueTask<HttpStateSubscription> SubscribeAsync(
        string channel, Func<ReadOnlyMemory<byte>, ValueTask> receive, CancellationToken cancellationToken = default) =>
        Memory.SubscribeAsync(channel, receive, cancellationToken);

    public ValueTask DisposeAsync() => _memory.DisposeAsync();
}
