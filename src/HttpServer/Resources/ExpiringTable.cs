namespace Http.Server.Resources;

/// <summary>
/// What is remembered of clients for a while, in a table that they cannot make larger than <see cref="MaxEntries"/>. It has
/// parts, of which a key falls into one; in a part that is full, the entry that would be forgotten first gives its place up.
/// </summary>
/// <typeparam name="TValue">What is remembered; its default for a key that is not known.</typeparam>
internal sealed class ExpiringTable<TValue>
    where TValue : struct
{
    /// <summary>Most entries at once.</summary>
    public const int MaxEntries = Parts * EntriesInPart;

    private const int Parts = 4096;

    private const int EntriesInPart = 8;

    /// <summary>Made when a key falls into them, and locked while they are used.</summary>
    private readonly Entry[]?[] _parts = new Entry[]?[Parts];

    /// <summary>Changes what is remembered of a client.</summary>
    /// <param name="value">What is remembered; to be changed as it is to be remembered.</param>
    /// <param name="argument">What the caller brings.</param>
    /// <param name="result">What the caller wants to know.</param>
    /// <returns>The moment from which on nothing is remembered; a moment that has passed forgets it now.</returns>
    public delegate long Alter<TArgument>(ref TValue value, TArgument argument, out long result);

    /// <summary>Looks at what is remembered of a client and changes it, while no other caller does.</summary>
    /// <param name="key">The client.</param>
    /// <param name="now">The moment, in the measure of those that <paramref name="alter"/> gives.</param>
    /// <param name="argument">What <paramref name="alter"/> needs.</param>
    /// <param name="alter">Called once.</param>
    /// <returns>Its result.</returns>
    public long Use<TArgument>(UInt128 key, long now, TArgument argument, Alter<TArgument> alter)
    {
        // HashCode has a seed of its own in each process, so no client knows which keys fall into one part.
        var part = Open(HashCode.Combine(key) & (Parts - 1));
        lock (part)
        {
            ref var entry = ref Find(part, key, now);
            var until = alter(ref entry.Value, argument, out var result);
            (entry.Key, entry.Until) = (key, until);
            if (until <= now)
                entry = default;
            return result;
        }
    }

    private Entry[] Open(int at) => Volatile.Read(ref _parts[at])
        ?? Interlocked.CompareExchange(ref _parts[at], new Entry[EntriesInPart], null) ?? _parts[at]!;

    /// <summary>The entry of a key, or the place where it may be made.</summary>
    private static ref Entry Find(Entry[] part, UInt128 key, long now)
    {
        var first = 0;
        for (var at = 0; at < part.Length; at++)
        {
            if (part[at].Key == key && part[at].Until > now)
                return ref part[at];
            if (part[at].Until < part[first].Until)
                first = at;
        }

        part[first].Value = default;
        return ref part[first];
    }

    private struct Entry
    {
        public UInt128 Key;
        public long Until;
        public TValue Value;
    }
}
