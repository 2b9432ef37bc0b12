namespace Http.Server.Content;

/// <summary>
/// Remembers what request targets mean: a table of fixed size in which each target has one place, so reading takes no lock and
/// hostile targets can push others out but not make it grow.
/// </summary>
internal sealed class TargetCache
{
    private const int Slots = 512;

    /// <summary>Longer targets are read anew each time.</summary>
    private const int LongestTarget = 512;

    /// <summary>File content kept in all places together, in bytes.</summary>
    private const long MostContent = 16 * 1024 * 1024;

    private readonly StaticTarget?[] _slots = new StaticTarget?[Slots];
    private long _content;

    /// <summary>The meaning of a target; the same object for the same bytes while it keeps its place.</summary>
    public StaticTarget Get(ReadOnlySpan<byte> target, ContentRoot root)
    {
        ref var slot = ref _slots[Hash(target) % Slots];
        var known = Volatile.Read(ref slot);
        if (known is not null && target.SequenceEqual(known.Target))
            return known;
        var made = new StaticTarget(target, root);
        if (target.Length <= LongestTarget)
        {
            Forget(known);
            Volatile.Write(ref slot, made);
        }

        return made;
    }

    /// <summary>Keeps a file's content with its target, unless too much is kept already: then all of it is dropped first.</summary>
    public void Keep(StaticTarget target, CachedContent content)
    {
        Forget(target);
        if (Interlocked.Add(ref _content, content.Size) > MostContent)
        {
            Array.Clear(_slots);
            Interlocked.Exchange(ref _content, content.Size);
        }

        target.Cached = content;
    }

    private void Forget(StaticTarget? target)
    {
        if (target?.Cached is { } old)
        {
            target.Cached = null;
            Interlocked.Add(ref _content, -old.Size);
        }
    }

    /// <summary>FNV-1a: short, and a collision costs nothing but a lost place.</summary>
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u;
        foreach (var value in bytes)
            hash = (hash ^ value) * 16777619u;
        return hash ^ (hash >> 15);
    }
}
