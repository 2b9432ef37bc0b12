using Http.Server.State;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>
/// Follows a task of another server for those who follow it here: the store is asked once a second. A message in the place of
/// that would be lost where the store is away for a moment, and the last one is what they wait for.
/// </summary>
internal sealed class TaskWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _id;
    private readonly TaskStore _store;
    private readonly Action<TaskWatch> _ended;
    private readonly TaskFeed _feed;
    private readonly ITimer _timer;
    private bool _wasUnused;
    private int _isLooking;

    /// <param name="id">The task's id.</param>
    /// <param name="store">The store.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ended">Called when the task has ended, or nobody follows it any more.</param>
    public TaskWatch(string id, TaskStore store, TimeProvider time, Action<TaskWatch> ended)
    {
        (_id, _store, _ended) = (id, store, ended);
        _feed = new TaskFeed(id, time);
        _timer = time.CreateTimer(static watch => _ = ((TaskWatch)watch!).LookAsync(), this, Interval, Interval);
    }

    /// <summary>The task's id.</summary>
    public string Id => _id;

    /// <summary>Has a request follow.</summary>
    /// <param name="handler">The request.</param>
    /// <param name="record">The newest state that is known.</param>
    public void Follow(BaseHttpRequestHandler handler, TaskRecord record)
    {
        _feed.Tell(record);
        _feed.Listen(handler);
    }

    /// <summary>Ends the answers of those who follow.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _feed.DisposeAsync().ConfigureAwait(false);
    }

    private async Task LookAsync()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
            return;
        try
        {
            // Who begins to follow is not counted yet in the moment in which it does.
            var isUnused = _feed.IsUnused;
            var record = isUnused && _wasUnused ? null : await _store.ReadAsync(_id).ConfigureAwait(false);
            _wasUnused = isUnused;
            if (record is not null)
                _feed.Tell(record);
            if (record is not { HasEnded: false })
                await EndAsync(record is null).ConfigureAwait(false);
        }
        catch (HttpStateStoreException)
        {
            // It is asked again.
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    /// <summary>A state that was the last ends the answers by itself; a task that is not known any more does not.</summary>
    private async Task EndAsync(bool isGone)
    {
        _ended(this);
        if (isGone)
            await DisposeAsync().ConfigureAwait(false);
        else
            await _timer.DisposeAsync().ConfigureAwait(false);
    }
}
