namespace Http.Server.Authentication;

/// <summary>
/// Has hashes derived a few at once, on threads of the pool: never on those that poll sockets, and never on so many processors that
/// wrong passwords would hold up those who have theirs verified.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing, and the gate lives as long as the process.")]
internal sealed class DerivationGate(int atOnce, int mostWaiting)
{
    private readonly SemaphoreSlim _slots = new(atOnce);
    private int _inside;
    private long _count;

    /// <summary>One for all servers of the process: they share its processors. The queue is some ten seconds of work.</summary>
    public static DerivationGate Shared { get; } = new(Math.Clamp(Environment.ProcessorCount / 2, 1, 4), 100);

    /// <summary>How many have been run.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <returns>What the work gave; null if too many wait for theirs.</returns>
    public async Task<bool?> RunAsync(Func<bool> work)
    {
        if (Interlocked.Increment(ref _inside) > atOnce + mostWaiting)
        {
            Interlocked.Decrement(ref _inside);
            return null;
        }

        try
        {
            await _slots.WaitAsync().ConfigureAwait(false);
            try
            {
                return await Task.Run(work).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    /// <summary>Counts a derivation; for tests, which count where others would have to time.</summary>
    public void Note() => Interlocked.Increment(ref _count);
}
