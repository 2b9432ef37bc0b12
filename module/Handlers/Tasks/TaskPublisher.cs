namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>
/// Tells of one task that runs here: to those who follow it, and to the store that servers share. A script may report its
/// progress thousands of times a second: it is told five times a second, the end at once.
/// </summary>
internal sealed class TaskPublisher : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private readonly HttpTask _task;
    private readonly TaskStore _store;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskFeed? _feed;
    private int _isDue;
    private int _written;

    public TaskPublisher(HttpTask task, TaskStore store, TimeProvider time)
    {
        (_task, _store, _time) = (task, store, time);
        _timer = time.CreateTimer(static publisher => ((TaskPublisher)publisher!).Publish(), this,
            Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends when the last state has been told.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The task has another state; it is told soon.</summary>
    public void Mark()
    {
        if (_store.IsShared || _feed is not null)
            Schedule();
    }

    /// <summary>Has a request follow the task.</summary>
    public void Follow(BaseHttpRequestHandler handler)
    {
        TaskFeed feed;
        lock (_lock)
            feed = _feed ??= new TaskFeed(_task.Id, _time);
        feed.Tell(TaskRecord.Of(_task));
        feed.Listen(handler);
    }

    /// <summary>Tells the last state.</summary>
    public async Task FinishAsync()
    {
        _timer.Dispose();
        lock (_lock)
            _feed?.Tell(TaskRecord.Of(_task));
        await WriteAsync(isNeeded: true).ConfigureAwait(false);
        _ended.TrySetResult();
    }

    /// <summary>Writes what the store does not know yet; what it knows is kept for longer.</summary>
    public async Task RefreshAsync() => await WriteAsync(isNeeded: !_task.State.HasEnded).ConfigureAwait(false);

    public void Dispose() => _timer.Dispose();

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _isDue, 1) == 0)
            _timer.Change(Pace, Timeout.InfiniteTimeSpan);
    }

    private void Publish()
    {
        Volatile.Write(ref _isDue, 0);
        TaskFeed? feed;
        lock (_lock)
            feed = _feed;
        feed?.Tell(TaskRecord.Of(_task));
        _ = WriteAsync(isNeeded: false);
    }

    private async Task WriteAsync(bool isNeeded)
    {
        if (!_store.IsShared)
            return;
        // One after the other, so that an older state never takes the place of a newer one.
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            var record = TaskRecord.Of(_task);
            if ((isNeeded || record.Version > _written) && await _store.TryWriteAsync(_task.Id, record).ConfigureAwait(false))
                _written = record.Version;
        }
        finally
        {
            _writing.Release();
        }
    }
}
