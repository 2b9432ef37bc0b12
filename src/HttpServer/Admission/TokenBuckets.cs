namespace Http.Server.Admission;

/// <summary>
/// A bucket of tokens for each key, kept as the moment at which it will be full again. The table has room for
/// <see cref="MaxBuckets"/>: in a part of it that is full, the bucket that will be full first gives its place up, so the least is
/// forgotten, and a client that brings many keys cannot take the memory.
/// </summary>
/// <param name="count">Tokens in a full bucket.</param>
/// <param name="period">The time in which an empty bucket fills.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBuckets(int count, TimeSpan period, TimeProvider time)
{
    /// <summary>Most buckets at once, 32 bytes each.</summary>
    public const int MaxBuckets = Parts * BucketsInPart;

    private const int Parts = 4096;

    private const int BucketsInPart = 8;

    /// <summary>Made when a key falls into them, and locked while they are used.</summary>
    private readonly Bucket[]?[] _parts = new Bucket[]?[Parts];

    private readonly long _toFill = (long)(period.TotalSeconds * time.TimestampFrequency);

    private readonly long _perToken = (long)(period.TotalSeconds * time.TimestampFrequency / count);

    /// <summary>Takes a token.</summary>
    /// <returns>Zero; or, where there is none, the time until there will be one.</returns>
    public TimeSpan Take(UInt128 key)
    {
        // HashCode has a seed of its own in each process, so no client knows which keys fall into one part.
        var part = Open(HashCode.Combine(key) & (Parts - 1));
        lock (part)
        {
            var now = time.GetTimestamp();
            ref var bucket = ref Find(part, key, now);
            var full = Math.Max(bucket.FullAt, now) + _perToken;
            if (full - now > _toFill)
                return time.GetElapsedTime(now, full - _toFill);
            bucket = new Bucket(key, full);
            return TimeSpan.Zero;
        }
    }

    private Bucket[] Open(int at) => Volatile.Read(ref _parts[at])
        ?? Interlocked.CompareExchange(ref _parts[at], new Bucket[BucketsInPart], null) ?? _parts[at]!;

    /// <summary>The bucket of a key, or the place where it may be made.</summary>
    private static ref Bucket Find(Bucket[] part, UInt128 key, long now)
    {
        var first = 0;
        for (var at = 0; at < part.Length; at++)
        {
            if (part[at].Key == key && part[at].FullAt > now)
                return ref part[at];
            if (part[at].FullAt < part[first].FullAt)
                first = at;
        }

        part[first] = default;
        return ref part[first];
    }

    private readonly record struct Bucket(UInt128 Key, long FullAt);
}
