namespace Http.Server.PowerShell.Engine;

/// <summary>
/// The workers of a server and the queue before them. Items are handed to a worker that waits, else to a new one, else they
/// queue in the order they came. An item whose handler is at its own limit waits without delaying the items behind it.
/// </summary>
internal sealed class WorkerPool : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<WorkItem> _queue = new();
    private readonly List<ScriptWorker> _idle = [];
    private readonly List<ScriptWorker> _workers = [];
    private readonly List<ScriptWorker> _givenUp = [];
    private readonly int _throttle;
    private readonly int _queueLimit;
    private readonly WorkerWatch _watch;
    private bool _isStopped;

    /// <param name="setup">What each worker's runspace is made of.</param>
    /// <param name="throttle">Most workers.</param>
    /// <param name="queueLimit">Most items that wait.</param>
    /// <param name="handlerTimeout">Time for a handler to begin its answer; <see cref="TimeSpan.Zero"/> for any time.</param>
    public WorkerPool(WorkerSetup setup, int throttle, int queueLimit, TimeSpan handlerTimeout)
    {
        (Setup, _throttle, _queueLimit, HandlerTimeout) = (setup, throttle, queueLimit, handlerTimeout);
        _watch = new WorkerWatch(this);
    }

    public WorkerSetup Setup { get; }

    public TimeSpan HandlerTimeout { get; }

    public int WorkerCount
    {
        get
        {
            lock (_lock)
                return _workers.Count;
        }
    }

    /// <summary>Workers that work, workers that have nothing to do, and items that wait.</summary>
    public (int Busy, int Idle, int Waiting) Count()
    {
        lock (_lock)
            return (_workers.Count - _idle.Count, _idle.Count, _queue.Count);
    }

    /// <summary>
    /// Makes a worker and waits until its runspace is open, so that what is wrong with its modules and scripts is known before
    /// the first request.
    /// </summary>
    /// <exception cref="WorkerStartException">A module or the initialization script failed.</exception>
    public void Warm() => AddFirstWorker()?.WaitUntilReady();

    /// <summary>
    /// Has the first worker made while the caller goes on; items that come meanwhile wait for it. If it cannot be made, the first
    /// item has another one made and is told what is wrong. Nothing is done if there is a worker, or the pool has been stopped.
    /// </summary>
    public void BeginWarming()
    {
        try
        {
            AddFirstWorker();
        }
        catch (OutOfMemoryException)
        {
            // There is no room for another thread now. The first request tries again.
        }
    }

    /// <summary>Has an item executed by a worker.</summary>
    /// <exception cref="RequestFaultException">The queue is full, or the pool has been stopped: 503.</exception>
    public ValueTask RunAsync(WorkItem item)
    {
        var task = item.Begin();
        ScriptWorker? worker = null;
        var isNew = false;
        lock (_lock)
        {
            if (_isStopped)
                throw new RequestFaultException(503, "The server is stopping");
            var hasWorker = _idle.Count > 0 || _workers.Count < _throttle;
            if (!hasWorker || item.Gate?.TryEnter() == false)
            {
                if (_queue.Count >= _queueLimit)
                    throw new RequestFaultException(503, "The server is too busy, try again soon");
                _queue.AddLast(item);
            }
            else if (_idle.Count > 0)
            {
                worker = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
                (worker.Next, worker.Gate) = (item, item.Gate);
            }
            else
            {
                worker = new ScriptWorker(this) { Next = item, Gate = item.Gate };
                _workers.Add(worker);
                isNew = true;
            }
        }

        if (isNew)
            worker!.Start();
        else
            worker?.Wake();
        return task;
    }

    /// <summary>The next item for a worker that has none; null when it is to wait until it is woken, or to end.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="ends">The worker is to end.</param>
    public WorkItem? Take(ScriptWorker worker, out bool ends)
    {
        lock (_lock)
        {
            ends = _isStopped || worker.IsGivenUp;
            if (ends)
                return null;
            if (worker.Next is { } next)
            {
                worker.Next = null;
                return next;
            }

            LeaveGate(worker);
            if (Dequeue(worker) is { } item)
                return item;
            _idle.Add(worker);
            return null;
        }
    }

    /// <summary>Stops an item that waits or runs.</summary>
    public void Stop(WorkItem item, StopReason reason)
    {
        ScriptWorker[] workers;
        lock (_lock)
        {
            // An item that waits ends when its turn comes: the worker looks at the reason before it begins.
            if (item.StopReason == StopReason.None && _queue.Contains(item))
                item.StopReason = reason;
            workers = [.. _workers];
        }

        foreach (var worker in workers)
            worker.Stop(item, reason);
    }

    /// <summary>Takes an item out of the queue, and ends it.</summary>
    /// <param name="item">The item.</param>
    /// <param name="reason">Why.</param>
    /// <returns>False if it does not wait.</returns>
    public bool TryWithdraw(WorkItem item, StopReason reason)
    {
        lock (_lock)
        {
            if (!_queue.Remove(item))
                return false;
        }

        item.StopReason = reason;
        item.Complete(item.Explain(new OperationCanceledException(), HandlerTimeout));
        return true;
    }

    /// <summary>Takes a worker out that could not be made, or that has ended.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="failure">
    /// Why it could not be made; what waits fails with it if there is no other worker. Null if it has just ended.
    /// </param>
    public void Remove(ScriptWorker worker, Exception? failure)
    {
        List<WorkItem> stranded = [];
        ScriptWorker? woken;
        lock (_lock)
        {
            _workers.Remove(worker);
            _givenUp.Remove(worker);
            // The first worker has been idle from its beginning, also if it could not be made.
            _idle.Remove(worker);
            LeaveGate(worker);
            if (worker.Next is { } next)
                stranded.Add(next);
            if (failure is not null && _workers.Count == 0)
            {
                stranded.AddRange(_queue);
                _queue.Clear();
            }

            woken = WakeIdleWorker();
        }

        woken?.Wake();
        foreach (var item in stranded)
            item.Complete(failure ?? new RequestFaultException(503, "The server is stopping"));
    }

    /// <summary>The workers, and the items that wait.</summary>
    /// <param name="waitingSince">
    /// Items that were handed in later are left out, in milliseconds of <see cref="Environment.TickCount64"/>.
    /// </param>
    public (ScriptWorker[] Workers, WorkItem[] Waiting) List(long waitingSince)
    {
        lock (_lock)
            return ([.. _workers], _queue.Count == 0 ? [] : [.. _queue.Where(item => item.Since < waitingSince)]);
    }

    /// <summary>Takes a worker out whose thread is stuck for good; another one takes its place if items wait.</summary>
    public void Replace(ScriptWorker worker)
    {
        ScriptWorker? woken;
        lock (_lock)
        {
            _workers.Remove(worker);
            _givenUp.Add(worker);
            LeaveGate(worker);
            woken = WakeIdleWorker();
            if (_queue.Count > 0 && _idle.Count == 0 && !_isStopped)
            {
                var next = new ScriptWorker(this);
                _workers.Add(next);
                next.Start();
            }
        }

        woken?.Wake();
    }

    /// <summary>Ends what waits and what runs, and the workers.</summary>
    /// <param name="patience">
    /// Time for the workers to end. A handler in a call that cannot be stopped is not waited for longer.
    /// </param>
    public async Task StopAsync(TimeSpan patience)
    {
        ScriptWorker[] workers;
        WorkItem[] waiting;
        lock (_lock)
        {
            _isStopped = true;
            waiting = [.. _queue];
            _queue.Clear();
            workers = [.. _workers];
            _idle.Clear();
        }

        await _watch.DisposeAsync().ConfigureAwait(false);
        foreach (var item in waiting)
            item.Complete(new RequestFaultException(503, "The server is stopping"));
        foreach (var worker in workers)
            worker.End();
        await Task.WhenAny(Task.WhenAll(workers.Select(worker => worker.Ended)), Task.Delay(patience)).ConfigureAwait(false);
        ScriptWorker[] stuck;
        lock (_lock)
            stuck = [.. _workers, .. _givenUp];
        foreach (var worker in stuck)
            worker.EndPrograms();
    }

    /// <summary>Ends everything without waiting.</summary>
    public ValueTask DisposeAsync() => new(StopAsync(TimeSpan.Zero));

    /// <summary>The first item in line whose handler is not at its own limit.</summary>
    private WorkItem? Dequeue(ScriptWorker worker)
    {
        for (var node = _queue.First; node is not null; node = node.Next)
        {
            if (node.Value.Gate?.TryEnter() == false)
                continue;
            _queue.Remove(node);
            worker.Gate = node.Value.Gate;
            return node.Value;
        }

        return null;
    }

    /// <summary>Gives a worker that waits what could not begin before; it is to be woken then.</summary>
    private ScriptWorker? WakeIdleWorker()
    {
        if (_isStopped || _idle.Count == 0)
            return null;
        var worker = _idle[^1];
        if (Dequeue(worker) is not { } item)
            return null;
        _idle.RemoveAt(_idle.Count - 1);
        worker.Next = item;
        return worker;
    }

    /// <summary>Starts a worker that has nothing to do yet.</summary>
    /// <returns>Null if there is a worker, or if none is needed any more.</returns>
    private ScriptWorker? AddFirstWorker()
    {
        var worker = new ScriptWorker(this, beginsIdle: true);
        lock (_lock)
        {
            if (_isStopped || _workers.Count > 0)
                return null;
            _workers.Add(worker);
            _idle.Add(worker);
        }

        try
        {
            worker.Start();
            return worker;
        }
        catch (OutOfMemoryException exception)
        {
            Remove(worker, exception);
            throw;
        }
    }

    private static void LeaveGate(ScriptWorker worker)
    {
        worker.Gate?.Leave();
        worker.Gate = null;
    }
}
