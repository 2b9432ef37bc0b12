namespace Http.Server.Redis;

/// <summary>
/// Spares callers the waiting for a store that has just not answered: for a moment none is let through, and then one, whose
/// answer tells whether the store is back.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class StoreCircuit(TimeProvider time)
{
    /// <summary>How long nobody asks: short beside the time that an operation may take.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500);

    /// <summary>The timestamp until which callers are kept away; 0 while the store answers.</summary>
    private long _until;

    /// <summary>Whether a caller may ask the store.</summary>
    public bool TryEnter()
    {
        var until = Volatile.Read(ref _until);
        if (until == 0)
            return true;
        // The one who asks has as long as an operation takes; meanwhile the others are told what is known.
        return time.GetTimestamp() >= until
            && Interlocked.CompareExchange(ref _until, After(RedisStateStore.Patience), until) == until;
    }

    /// <summary>The store has answered.</summary>
    public void Close() => Volatile.Write(ref _until, 0);

    /// <summary>The store has not answered.</summary>
    public void Open() => Volatile.Write(ref _until, After(Rest));

    private long After(TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);
}
