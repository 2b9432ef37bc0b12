using Http.Server.Work;

namespace Http.Server.Authentication;

/// <summary>
/// Has hashes of passwords derived a few at once, on threads of their own: never on those that short answers need, and never on
/// so many processors that wrong passwords would hold up those who have theirs verified. Who waits, waits in the queue of the own
/// network, and the networks take turns: a client that guesses delays the login of a client elsewhere by the hashes that are
/// being derived, not by those that wait.
/// </summary>
/// <param name="atOnce">Derivations at once.</param>
/// <param name="maxWaiting">Requests of one network that wait; those beyond it are answered 503.</param>
/// <param name="maxNetworks">Networks with requests that wait, which bounds the memory; those beyond it are answered 503.</param>
internal sealed class HashThrottle(int atOnce, int maxWaiting, int maxNetworks = 1024)
{
    private readonly Lock _lock = new();
    private readonly WorkThreads _threads = new(atOnce);
    private readonly Dictionary<ClientNetwork, LinkedList<TaskCompletionSource>> _waiting = [];

    /// <summary>The networks with a queue, each once, the next one first. The requests of a queue may all have left.</summary>
    private readonly Queue<ClientNetwork> _turns = [];

    private int _running;
    private long _count;

    /// <summary>One for all servers of the process: they share its processors. A queue is some ten seconds of work.</summary>
    public static HashThrottle Shared { get; } = new(Math.Clamp(Environment.ProcessorCount / 2, 1, 4), 32);

    /// <summary>How many hashes have been derived.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Runs the work when it is the turn of the client's network.</summary>
    /// <param name="network">Where the request comes from.</param>
    /// <param name="work">Derives a hash, and compares it.</param>
    /// <param name="cancellationToken">Ends the waiting for the turn, and makes room for others; work that has begun goes
    /// on.</param>
    /// <returns>What the work gave; null if too many wait for theirs.</returns>
    /// <exception cref="OperationCanceledException">The waiting was ended.</exception>
    public async Task<bool?> RunAsync(ClientNetwork network, Func<bool> work, CancellationToken cancellationToken = default)
    {
        var turn = new LinkedListNode<TaskCompletionSource>(new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!TryEnter(network, turn))
            return null;
        await using (cancellationToken.UnsafeRegister(_ => GiveUp(turn, cancellationToken), null).ConfigureAwait(false))
            await turn.Value.Task.ConfigureAwait(false);
        try
        {
            return await _threads.RunAsync(work).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Counts a derivation; for tests, which count where others would have to time.</summary>
    public void Record() => Interlocked.Increment(ref _count);

    /// <summary>Takes a place, or one in the queue of the network; the turn completes when the request has a place.</summary>
    /// <returns>False if it may not wait.</returns>
    private bool TryEnter(ClientNetwork network, LinkedListNode<TaskCompletionSource> turn)
    {
        lock (_lock)
        {
            if (_running < atOnce)
            {
                _running++;
                turn.Value.SetResult();
                return true;
            }

            if (!_waiting.TryGetValue(network, out var queue))
            {
                if (maxWaiting == 0 || _waiting.Count == maxNetworks)
                    return false;
                _waiting[network] = queue = [];
                _turns.Enqueue(network);
            }

            if (queue.Count == maxWaiting)
                return false;
            queue.AddLast(turn);
            return true;
        }
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource> turn, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // The request has got its place meanwhile, and gives it back by itself.
            if (turn.List is not { } queue)
                return;
            queue.Remove(turn);
        }

        turn.Value.SetCanceled(cancellationToken);
    }

    /// <summary>Hands the place on to the first request of the network whose turn it is.</summary>
    private void Leave()
    {
        TaskCompletionSource? next = null;
        lock (_lock)
        {
            while (next is null && _turns.TryDequeue(out var network))
            {
                var queue = _waiting[network];
                if (queue.First is { } first)
                {
                    next = first.Value;
                    queue.RemoveFirst();
                }

                if (queue.Count > 0)
                    _turns.Enqueue(network);
                else
                    _waiting.Remove(network);
            }

            if (next is null)
                _running--;
        }

        next?.SetResult();
    }
}
