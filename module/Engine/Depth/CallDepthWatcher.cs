namespace Http.Server.PowerShell.Engine.Depth;

/// <summary>The one thread of the process that looks how deep the calls of scripts are. It sleeps while none runs.</summary>
internal static class CallDepthWatcher
{
    /// <summary>
    /// Milliseconds between looks; scripts take about a second to use what <see cref="ThreadStack"/> leaves for a stop.
    /// </summary>
    private const int Interval = 10;

    /// <summary>
    /// Looks that find no script before the thread sleeps until one runs: to wake it costs a request some microseconds.
    /// </summary>
    private const int Patience = 20;

    private static readonly object Waking = new();
    private static readonly List<CallDepth> Watched = [];
    private static Thread? Watcher;
    private static volatile bool IsAsleep;

    /// <summary>Begins to look at what a thread does while it runs scripts.</summary>
    public static void Add(CallDepth depth)
    {
        lock (Watched)
        {
            Watched.Add(depth);
            if (Watcher is not null)
                return;
            Watcher = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "HttpServer call depth" };
            Watcher.Start();
        }
    }

    /// <summary>The thread ends.</summary>
    public static void Remove(CallDepth depth)
    {
        lock (Watched)
            Watched.Remove(depth);
    }

    /// <summary>A script begins to run: <see cref="CallDepth.IsWatched"/> has been set.</summary>
    public static void Wake()
    {
        // The watcher says that it sleeps and then looks for scripts; here it is the other way round, so one of the two sees
        // the other.
        Interlocked.MemoryBarrier();
        if (!IsAsleep)
            return;
        lock (Waking)
        {
            IsAsleep = false;
            Monitor.Pulse(Waking);
        }
    }

    private static void Run()
    {
        var idle = 0;
        while (true)
        {
            Thread.Sleep(Interval);
            idle = TryLook() ? 0 : idle + 1;
            if (idle >= Patience)
                Sleep();
        }
    }

    private static void Sleep()
    {
        lock (Waking)
        {
            IsAsleep = true;
            Interlocked.MemoryBarrier();
            if (TryLook())
                IsAsleep = false;
            while (IsAsleep)
                Monitor.Wait(Waking);
        }
    }

    /// <returns>False if no script runs.</returns>
    private static bool TryLook()
    {
        var isAny = false;
        lock (Watched)
        {
            foreach (var depth in Watched)
            {
                if (!depth.IsWatched)
                    continue;
                isAny = true;
                try
                {
                    depth.Look();
                }
                catch (Exception exception) when (exception is InvalidOperationException or OutOfMemoryException)
                {
                    // What it looked at is being closed, or there is no memory just now. It looks again soon.
                }
            }
        }

        return isAny;
    }
}
