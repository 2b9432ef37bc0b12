namespace Http.Server.Work;

/// <summary>
/// How much of one kind is under way at once. What comes beyond waits in a queue, which is bounded too: when it is full, or
/// a request has waited long enough, the answer is no.
/// </summary>
/// <param name="atOnce">Places.</param>
/// <param name="mostWaiting">Those who may wait for one.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001",
    Justification = "A semaphore without a wait handle holds nothing, and a gate lives as long as the process.")]
internal sealed class WorkGate(int atOnce, int mostWaiting)
{
    /// <summary>Longer than this a client should not wait that may come again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _places = new(atOnce);
    private int _inside;

    /// <summary>Those who have a place or wait for one.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Places that are free.</summary>
    public int Free => _places.CurrentCount;

    /// <summary>Takes a place if one is free.</summary>
    public bool TryEnter()
    {
        if (!_places.Wait(0))
            return false;
        Interlocked.Increment(ref _inside);
        return true;
    }

    /// <summary>Waits for a place.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False if too many wait already, or none came free in half a minute.</returns>
    /// <exception cref="OperationCanceledException">The waiting was ended.</exception>
    public async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _inside) > atOnce + mostWaiting)
        {
            Interlocked.Decrement(ref _inside);
            return false;
        }

        var hasEntered = false;
        try
        {
            return hasEntered = await _places.WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!hasEntered)
                Interlocked.Decrement(ref _inside);
        }
    }

    /// <summary>Gives a place back.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _inside);
        _places.Release();
    }
}
