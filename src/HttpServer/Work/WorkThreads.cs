using System.Runtime.CompilerServices;

namespace Http.Server.Work;

/// <summary>
/// A few threads for work that keeps a processor: compressing, archives, long listings, passwords. They are fewer than there are
/// processors, so however much of it is asked for, one is left for short answers. What waits has its turn in the order it came,
/// and gives the thread up after each.
/// </summary>
/// <remarks>
/// The threads are no more than half as urgent where a system lets one say so. On Linux they are like all others: a lower rank
/// there would pass to each thread that they bring to life, those of the pool among them.
/// </remarks>
internal sealed class WorkThreads(int most)
{
    /// <summary>How long work may go on before others have their turn, in milliseconds.</summary>
    private const int TurnTime = 10;

    [ThreadStatic]
    private static WorkThreads? Owner;

    [ThreadStatic]
    private static long TurnEnd;

    private readonly Queue<Action> _waiting = new();
    private readonly object _changes = new();
    private int _threads;
    private int _idle;

    /// <summary>Those for content. All servers of a process share its processors.</summary>
    public static WorkThreads Shared { get; } = new(Math.Max(1, Environment.ProcessorCount - 1));

    /// <summary>Threads that work, threads that have nothing to do, and what waits for one.</summary>
    public (int Busy, int Idle, int Waiting) Counts
    {
        get
        {
            lock (_changes)
                return (_threads - _idle, _idle, _waiting.Count);
        }
    }

    /// <summary>Whether the calling thread is one of any such.</summary>
    public static bool IsCurrent => Owner is not null;

    /// <summary>
    /// To be awaited: goes on at one of the threads, at once if it is there already and its turn has not
    /// ended.
    /// </summary>
    public Turn NextTurn() => new(this);

    /// <summary>To be awaited at the end of the work: the code after it runs on a thread for short answers.</summary>
    public static ConfiguredTaskAwaitable Leave() =>
        Task.CompletedTask.ConfigureAwait(IsCurrent ? ConfigureAwaitOptions.ForceYielding : ConfigureAwaitOptions.None);

    /// <summary>Has work done.</summary>
    /// <returns>The result of the work; the code that awaits it continues on a thread of the pool.</returns>
    public async Task<T> RunAsync<T>(Func<T> work)
    {
        await NextTurn();
        try
        {
            return work();
        }
        finally
        {
            await Leave();
        }
    }

    private void Post(Action work)
    {
        lock (_changes)
        {
            _waiting.Enqueue(work);
            if (_idle > 0)
            {
                Monitor.Pulse(_changes);
                return;
            }

            if (_threads == most)
                return;
            _threads++;
        }

        try
        {
            new Thread(Work)
            {
                IsBackground = true,
                Name = "httpserver work",
                Priority = ThreadPriority.BelowNormal
            }.UnsafeStart();
        }
        catch (OutOfMemoryException)
        {
            // The system has no thread to give. One that is there does the work, or the pool if there is none.
            lock (_changes)
            {
                if (--_threads > 0 || !_waiting.TryDequeue(out work!))
                    return;
            }

            ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false);
        }
    }

    private void Work()
    {
        Owner = this;
        while (true)
        {
            Action? work;
            lock (_changes)
            {
                while (!_waiting.TryDequeue(out work))
                {
                    _idle++;
                    Monitor.Wait(_changes);
                    _idle--;
                }
            }

            TurnEnd = Environment.TickCount64 + TurnTime;
            work();
        }
    }

    /// <summary>A turn that is waited for.</summary>
    public readonly struct Turn(WorkThreads threads) : ICriticalNotifyCompletion
    {
        /// <summary>The calling thread is one of these, and may go on.</summary>
        public bool IsCompleted => Owner == threads && Environment.TickCount64 < TurnEnd;

        public Turn GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => threads.Post(continuation);

        public void UnsafeOnCompleted(Action continuation) => threads.Post(continuation);
    }
}
