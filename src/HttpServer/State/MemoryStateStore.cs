using System.Globalization;

namespace Http.Server.State;

/// <summary>
/// A store in the memory of this process, bounded in number and size. What has expired is never given, and swept every ten
/// seconds by the server that uses it, or as something is kept. When it is full, it refuses what would make it larger.
/// </summary>
public sealed class MemoryStateStore : IHttpStateStore
{
    /// <summary>What an entry costs beside its name and its bytes: measured with 100,000 small ones.</summary>
    private const int EntryBytes = 120;

    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, StateEntry> _entries = [];
    private readonly Dictionary<string, HttpStateSubscription[]> _subscriptions = [];
    private readonly TimeProvider _time;
    private long _bytes;
    private long _sweptAt;

    /// <summary>Makes an empty store.</summary>
    /// <param name="time">The clock that expiry is taken from; null for the system's.</param>
    public MemoryStateStore(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _sweptAt = _time.GetTimestamp();
    }

    /// <summary>Most values and buckets at once. Default 100,000.</summary>
    public int MaxEntries { get; init; } = 100_000;

    /// <summary>Most bytes, names and what an entry costs included. Default 64 MiB.</summary>
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>Values and buckets, of which some may have expired.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        Check(key, cancellationToken);
        lock (_lock)
            return new(TryFind(key, out var entry) ? [.. entry.Value] : null);
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(
        string key, ReadOnlyMemory<byte> value, TimeSpan? expiry = null, CancellationToken cancellationToken = default)
    {
        Check(key, cancellationToken);
        lock (_lock)
            Put(key, new StateEntry(value.ToArray(), UntilOf(expiry)));
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<bool> ExtendAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default)
    {
        Check(key, cancellationToken);
        lock (_lock)
        {
            var until = UntilOf(expiry);
            if (!TryFind(key, out var entry))
                return new(false);
            _entries[key] = entry with { Until = until };
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> IncrementAsync(
        string key, long by = 1, TimeSpan? expiry = null, CancellationToken cancellationToken = default)
    {
        Check(key, cancellationToken);
        lock (_lock)
        {
            var until = UntilOf(expiry);
            var former = 0L;
            if (TryFind(key, out var entry))
            {
                until = entry.Until;
                if (!long.TryParse(entry.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out former))
                    throw NoNumber(key);
            }

            if (by > 0 ? former > long.MaxValue - by : former < long.MinValue - by)
                throw NoNumber(key);
            var sum = former + by;
            Span<byte> text = stackalloc byte[20];
            sum.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
            Put(key, new StateEntry(text[..length].ToArray(), until));
            return new(sum);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        Check(key, cancellationToken);
        lock (_lock)
        {
            var isThere = TryFind(key, out _);
            Remove(key);
            return new(isThere);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryReplaceAsync(string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? value,
        TimeSpan? expiry = null, CancellationToken cancellationToken = default)
    {
        Check(key, cancellationToken);
        lock (_lock)
        {
            var until = UntilOf(expiry);
            var isThere = TryFind(key, out var entry);
            if (expected is { } known ? !isThere || !known.Span.SequenceEqual(entry.Value) : isThere)
                return new(false);
            if (value is { } bytes)
                Put(key, new StateEntry(bytes.ToArray(), until));
            else
                Remove(key);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<TimeSpan> TakeTokenAsync(
        string key, int count, TimeSpan period, CancellationToken cancellationToken = default)
    {
        Check(key, cancellationToken);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromSeconds(1));
        lock (_lock)
        {
            var (now, toFill) = (_time.GetTimestamp(), ToTicks(period));
            // A bucket is forgotten at the moment at which it is full, so that moment is all there is to know of it.
            var fullAt = (TryFind(key, out var entry) ? entry.Until : now) + (toFill / count);
            if (fullAt - now > toFill)
                return new(_time.GetElapsedTime(now + toFill, fullAt));
            Put(key, new StateEntry([], fullAt));
            return new(TimeSpan.Zero);
        }
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string channel, ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default)
    {
        Check(channel, cancellationToken);
        HttpStateSubscription[]? subscriptions;
        lock (_lock)
            _subscriptions.TryGetValue(channel, out subscriptions);
        if (subscriptions is null)
            return default;
        var copy = message.ToArray();
        foreach (var subscription in subscriptions)
            subscription.Deliver(copy);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<HttpStateSubscription> SubscribeAsync(
        string channel, Func<ReadOnlyMemory<byte>, ValueTask> receive, CancellationToken cancellationToken = default)
    {
        Check(channel, cancellationToken);
        var subscription = new HttpStateSubscription(receive, ended => Unsubscribe(channel, ended));
        lock (_lock)
            _subscriptions[channel] = [.. _subscriptions.GetValueOrDefault(channel, []), subscription];
        return new(subscription);
    }

    /// <summary>Does nothing: memory needs no end.</summary>
    public ValueTask DisposeAsync() => default;

    /// <summary>Forgets what has expired, if that was not done in the last ten seconds.</summary>
    internal void SweepIfDue()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _sweptAt)) < SweepInterval)
            return;
        lock (_lock)
            Sweep();
    }

    private static void Check(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static InvalidOperationException NoNumber(string key) =>
        new($"The value of '{key}' is no whole number of 64 bits, or would be none: it cannot be counted up.");

    private static long SizeOf(string key, in StateEntry entry) => EntryBytes + (2L * key.Length) + entry.Value.Length;

    private ValueTask Unsubscribe(string channel, HttpStateSubscription ended)
    {
        lock (_lock)
        {
            var rest = Array.FindAll(_subscriptions[channel], other => other != ended);
            if (rest.Length == 0)
                _subscriptions.Remove(channel);
            else
                _subscriptions[channel] = rest;
        }

        return default;
    }

    private bool TryFind(string key, out StateEntry entry) =>
        _entries.TryGetValue(key, out entry) && entry.Until > _time.GetTimestamp();

    private void Put(string key, in StateEntry entry)
    {
        if (_time.GetElapsedTime(_sweptAt) >= SweepInterval)
            Sweep();
        if (!Fits(key, entry))
        {
            // A store that is full looks for what has expired once a second, not for each that asks.
            if (_time.GetElapsedTime(_sweptAt) >= TimeSpan.FromSeconds(1))
                Sweep();
            if (!Fits(key, entry))
                throw new HttpStateStoreException(string.Create(CultureInfo.InvariantCulture,
                    $"The store in memory is full: it holds {_entries.Count} of {MaxEntries} entries and {_bytes} of {MaxBytes} "
                    + $"bytes. Give values an expiry, remove some, or use a shared store."));
        }

        Remove(key);
        _entries[key] = entry;
        _bytes += SizeOf(key, entry);
    }

    private bool Fits(string key, in StateEntry entry)
    {
        var (count, bytes) = (_entries.Count + 1, _bytes + SizeOf(key, entry));
        if (_entries.TryGetValue(key, out var former))
            (count, bytes) = (count - 1, bytes - SizeOf(key, former));
        return count <= MaxEntries && bytes <= MaxBytes;
    }

    private void Remove(string key)
    {
        if (_entries.Remove(key, out var former))
            _bytes -= SizeOf(key, former);
    }

    private void Sweep()
    {
        var now = _time.GetTimestamp();
        foreach (var (key, entry) in _entries)
        {
            if (entry.Until <= now)
                Remove(key);
        }

        Volatile.Write(ref _sweptAt, now);
    }

    private long UntilOf(TimeSpan? expiry)
    {
        if (expiry is not { } time)
            return long.MaxValue;
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.FromMilliseconds(1), nameof(expiry));
        var ticks = time.TotalSeconds * _time.TimestampFrequency;
        var now = _time.GetTimestamp();
        return ticks < long.MaxValue - now ? now + (long)ticks : long.MaxValue;
    }

    private long ToTicks(TimeSpan period) => (long)(period.TotalSeconds * _time.TimestampFrequency);
}
