namespace Http.Server.Transport.Polling;

/// <summary>
/// Whether one direction of a socket is ready, and whether that is waited for. The system tells of readiness once, when it
/// begins, so a word of it must never be lost: each change here is one atomic step.
/// </summary>
/// <param name="resume">Continues what has waited.</param>
internal sealed class Readiness(Action resume) : IThreadPoolWorkItem
{
    private const int Unready = 0;
    private const int Ready = 1;
    private const int Awaited = 2;

    /// <summary>What has not been tried may be ready.</summary>
    private int _state = Ready;

    /// <summary>A system call may succeed.</summary>
    public bool IsReady => Volatile.Read(ref _state) == Ready;

    /// <summary>
    /// Comes before a system call, so that what the system tells during the call is not lost. The exchange is a full fence: the
    /// call begins after it.
    /// </summary>
    public void Clear() => Interlocked.Exchange(ref _state, Unready);

    /// <summary>Begins to wait.</summary>
    /// <returns>False if it is ready by now.</returns>
    public bool TryAwait() => Interlocked.CompareExchange(ref _state, Awaited, Unready) == Unready;

    /// <summary>It may be ready again, while nothing waits.</summary>
    public void Set() => TryEndWaiting();

    /// <summary>It is ready: continues what has waited here and now.</summary>
    public void Continue()
    {
        if (TryEndWaiting())
            resume();
    }

    /// <summary>The socket has been stopped: continues what has waited elsewhere, for the caller may hold locks.</summary>
    public void Interrupt()
    {
        if (TryEndWaiting())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => resume();

    private bool TryEndWaiting() => Volatile.Read(ref _state) != Ready && Interlocked.Exchange(ref _state, Ready) == Awaited;
}
