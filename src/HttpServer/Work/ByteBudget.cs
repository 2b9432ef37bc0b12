namespace Http.Server.Work;

/// <summary>What large content that is made in memory may take of it, all together.</summary>
/// <param name="most">In bytes.</param>
internal sealed class ByteBudget(long most)
{
    private long _taken;

    /// <summary>Bytes that are taken.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes bytes if there are as many left.</summary>
    public bool TryTake(long count)
    {
        if (Interlocked.Add(ref _taken, count) <= most)
            return true;
        GiveBack(count);
        return false;
    }

    public void GiveBack(long count) => Interlocked.Add(ref _taken, -count);
}
