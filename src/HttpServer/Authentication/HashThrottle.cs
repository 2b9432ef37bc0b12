using Http.Server.Work;

namespace Http.Server.Authentication;

/// <summary>
/// Has hashes of passwords derived a few at once, on threads of their own: never on those that short answers need, and never on so many
/// processors that wrong passwords would hold up those who have theirs verified. Who waits, waits in the queue of the own network, and the
/// networks take turns: a client that guesses delays the login of a client elsewhere by the hashes that are being derived, not by those
/// that wait.
/// </summary>
/// <param name="atOnce">Derivations at once.</param>
/// <param name="maxWaiting">Requests of one network that wait; those beyond it are answered 503.</param>
/// <param name="maxNetworks">Networks with requests that wait, which bounds the memory; those beyond it are answered 503.</param>
internal sealed class HashThrottle(int atOnce, int maxWaiting, int maxNetworks = 1024)
{
    private readonly Lock _lock = new();
    private readonly WorkThreads _threads = new(atOnce);
    private readonly Dictionary<ClientNetwork, Queue<TaskCompletionSource>> _waiting = [];

    /// <summary>The networks with requests that wait, each once, the next one first.</summary>
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
    /// <returns>What the work gave; null if too many wait for theirs.</returns>
    public async Task<bool?> RunAsync(ClientNetwork network, Func<bool> work)
    {
        if (Enter(network) is not { } turn)
            return null;
        await turn.ConfigureAwait(false);
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

    /// <returns>Completes when it is the request's turn; null if it may not wait.</returns>
    private Task? Enter(ClientNetwork network)
    {
        lock (_lock)
        {
            if (_running < atOnce)
            {
                _running++;
                return Task.CompletedTask;
            }

            if (!_waiting.TryGetValue(network, out var queue))
            {
                if (maxWaiting == 0 || _waiting.Count == maxNetworks)
                    return null;
                _waiting[network] = queue = [];
                _turns.Enqueue(network);
            }

            if (queue.Count == maxWaiting)
                return null;
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Enqueue(turn);
            return turn.Task;
        }
    }

    /// <summary>Hands the place on to the first request of the network whose turn it is.</summary>
    private void Leave()
    {
        TaskCompletionSource next;
        lock (_lock)
        {
            if (!_turns.TryDequeue(out var network))
            {
                _running--;
                return;
            }

            var queue = _waiting[network];
            next = queue.Dequeue();
            if (queue.Count > 0)
                _turns.Enqueue(network);
            else
                _waiting.Remove(network);
        }

        next.SetResult();
    }
}
