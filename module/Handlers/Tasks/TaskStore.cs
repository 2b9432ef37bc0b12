using System.Text;
using Http.Server.PowerShell.Logging;
using Http.Server.State;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>
/// Tasks in a store that servers share: the states, by which any of them answers, and the wish to cancel one, which it passes on
/// to the server that runs it. A store in memory is not used: the server knows its tasks.
/// </summary>
/// <param name="store">The server's store.</param>
/// <param name="keepTime">The time for which a task is known after its end.</param>
/// <param name="log">The server's log.</param>
internal sealed class TaskStore(IHttpStateStore store, TimeSpan keepTime, ServerLog log) : IAsyncDisposable
{
    private const string Prefix = "task:";

    private const string CancelChannel = "tasks:cancel";

    /// <summary>
    /// A state that is not the last is written anew before this time is over; where the process has ended, it is gone then.
    /// </summary>
    private static readonly TimeSpan RunningTime = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile HttpStateSubscription? _subscription;
    private int _hasFailed;
    private bool _isDisposed;

    /// <summary>Whether other servers see the tasks.</summary>
    public bool IsShared => store.IsShared;

    /// <summary>How often states are written anew.</summary>
    public static TimeSpan RefreshTime { get; } = RunningTime / 3;

    /// <summary>Begins to take wishes to cancel; does nothing if it does so already.</summary>
    /// <param name="cancel">Is given the id of a task, which may be another server's.</param>
    public async Task OpenAsync(Action<string> cancel)
    {
        if (!IsShared || _subscription is not null)
            return;
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_isDisposed)
                _subscription ??= await store.SubscribeAsync(CancelChannel, Receive).ConfigureAwait(false);
        }
        catch (HttpStateStoreException exception)
        {
            Complain(exception);
        }
        finally
        {
            _opening.Release();
        }

        ValueTask Receive(ReadOnlyMemory<byte> message)
        {
            cancel(Encoding.UTF8.GetString(message.Span));
            return default;
        }
    }

    /// <summary>Keeps a state.</summary>
    /// <returns>False if the store is away; the log says so once.</returns>
    public async Task<bool> TryWriteAsync(string id, TaskRecord record)
    {
        try
        {
            await store.SetAsync(Prefix + id, record.ToBytes(), record.HasEnded ? keepTime : RunningTime).ConfigureAwait(false);
            Volatile.Write(ref _hasFailed, 0);
            return true;
        }
        catch (HttpStateStoreException exception)
        {
            Complain(exception);
            return false;
        }
    }

    /// <summary>The newest state of a task, of whatever server.</summary>
    /// <returns>Null if there is none, or no more.</returns>
    /// <exception cref="HttpStateStoreException">The store is away.</exception>
    public async ValueTask<TaskRecord?> ReadAsync(string id) =>
        IsShared && await store.GetAsync(Prefix + id).ConfigureAwait(false) is { } bytes ? TaskRecord.Read(bytes) : null;

    /// <summary>Has the server that runs a task cancel it.</summary>
    /// <exception cref="HttpStateStoreException">The store is away.</exception>
    public ValueTask CancelAsync(string id) => store.PublishAsync(CancelChannel, Encoding.UTF8.GetBytes(id));

    /// <summary>Takes no more wishes. The store is its owner's.</summary>
    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync().ConfigureAwait(false);
        _isDisposed = true;
        _opening.Release();
        if (Interlocked.Exchange(ref _subscription, null) is { } subscription)
            await subscription.DisposeAsync().ConfigureAwait(false);
    }

    private void Complain(HttpStateStoreException exception)
    {
        if (Interlocked.Exchange(ref _hasFailed, 1) == 0)
            log.Message(LogLevel.Warning, null,
                $"Other servers do not see the tasks of this one for now: {exception.Message}");
    }
}
