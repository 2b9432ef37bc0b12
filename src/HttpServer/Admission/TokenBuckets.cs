using Http.Server.Resources;

namespace Http.Server.Admission;

/// <summary>
/// A bucket of tokens for each key, kept as the moment at which it will be full again: until then it is remembered. Where the
/// table is full, the bucket that will be full first is forgotten, which forgets the least.
/// </summary>
/// <param name="count">Tokens in a full bucket.</param>
/// <param name="period">The time in which an empty bucket fills.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBuckets(int count, TimeSpan period, TimeProvider time)
{
    private readonly ExpiringTable<long> _fullAt = new();

    private readonly long _toFill = (long)(period.TotalSeconds * time.TimestampFrequency);

    private readonly long _perToken = (long)(period.TotalSeconds * time.TimestampFrequency / count);

    /// <summary>Takes a token.</summary>
    /// <returns>Zero; or, where there is none, the time until there will be one.</returns>
    public TimeSpan Take(UInt128 key)
    {
        var now = time.GetTimestamp();
        var wait = _fullAt.Use(
            key, now, (Buckets: this, Now: now), static (ref long fullAt, (TokenBuckets Buckets, long Now) to, out long wait) =>
            {
                var full = Math.Max(fullAt, to.Now) + to.Buckets._perToken;
                wait = Math.Max(full - to.Now - to.Buckets._toFill, 0);
                return wait > 0 ? fullAt : fullAt = full;
            });
        return time.GetElapsedTime(now, now + wait);
    }
}
