using System.Collections.Concurrent;
using System.Globalization;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Logging;
using Http.Server.State;

namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>
/// The tasks of one run of a server: those that wait and run, and those that have ended a while ago. They have workers of their
/// own, so that long work never keeps a request waiting; the first task has them made.
/// </summary>
internal sealed class ServerTasks
{
    /// <summary>The time for threads that should have ended already.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    private static int LastNumber;

    private readonly TaskSettings _settings;
    private readonly WorkerSetup _setup;
    private readonly string _server;
    private readonly string _route;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, KnownTask> _known = [];
    private readonly Queue<HttpTask> _ended = [];
    private readonly Dictionary<TaskItem, Task> _running = [];
    private readonly ConcurrentDictionary<string, TaskWatch> _watches = [];
    private readonly TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WorkerPool? _pool;
    private ITimer? _beat;
    private long _keptBytes;
    private volatile bool _isStopping;

    /// <param name="server">The server's name.</param>
    /// <param name="settings">What it was asked for.</param>
    /// <param name="setup">What the workers' runspaces are made of.</param>
    /// <param name="store">The server's store.</param>
    /// <param name="time">The clock.</param>
    public ServerTasks(
        string server, TaskSettings settings, WorkerSetup setup, IHttpStateStore store, TimeProvider time)
    {
        (_server, _settings, _time) = (server, settings, time);
        // Rehearsals are for requests.
        _setup = setup with { MakeRehearsals = static () => [] };
        Root = [.. settings.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        _route = settings.Path.TrimEnd('/') + "/{id}";
        StateStore = store;
        Store = new TaskStore(store, settings.KeepTime, setup.Log);
    }

    /// <summary>The segments of the path that tasks lie below.</summary>
    public IReadOnlyList<string> Root { get; }

    /// <summary>The pattern of the tasks' paths, for metrics and traces.</summary>
    public string Route => _route;

    public TaskStore Store { get; }

    public IHttpStateStore StateStore { get; }

    public ServerLog Log => _setup.Log;

    /// <summary>The workers; null before the first task.</summary>
    public WorkerPool? Workers => Volatile.Read(ref _pool);

    /// <summary>Whether there has been a task, here or at a server that shares the store.</summary>
    public bool IsInUse => _pool is not null || Store.IsShared;

    /// <summary>Whether nothing new begins, for the server ends.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Those that are known here, in the order in which they were started.</summary>
    public IReadOnlyList<HttpTask> All() =>
        [.. _known.Values.OrderBy(static known => known.Number).Select(static known => known.Task)];

    /// <summary>A task of this server; null if there is none of that id, or no more.</summary>
    public KnownTask? Find(string id) => _known.TryGetValue(id, out var known) && !IsForgotten(known.Task) ? known : null;

    /// <summary>Has a script run as a task.</summary>
    /// <exception cref="RequestFaultException">Too many wait already, or the server stops: 503.</exception>
    public HttpTask Start(TaskRequest request)
    {
        var number = Interlocked.Increment(ref LastNumber);
        var name = request.Name.Length > 0 ? request.Name : string.Create(CultureInfo.InvariantCulture, $"Task{number}");
        var id = TaskAddress.MakeId(TaskAddress.NameOf(request.Schemes));
        var item = new TaskItem(request.Script, request.Arguments)
        {
            Name = $"The task {name}",
            RequestId = request.RequestId ?? id,
            Client = request.Client,
            User = request.User,
            Schemes = request.Schemes,
        };
        var task = new HttpTask(id, name, $"{_settings.Path.TrimEnd('/')}/{id}", _time)
        {
            Server = _server,
            User = request.User,
            Item = item,
        };
        item.Task = task;
        var publisher = new TaskPublisher(task, Store, _time);
        task.Changed = _ => publisher.Mark();
        var known = new KnownTask(number, task, publisher);
        Run(item, failure => FinishAsync(known, failure), () =>
        {
            _known[id] = known;
            _beat ??= _time.CreateTimer(static tasks => ((ServerTasks)tasks!).Beat(), this,
                TaskStore.RefreshTime, TaskStore.RefreshTime);
        });
        // Who is told of the task may ask another server for it at once.
        if (Store.IsShared)
            Task.WhenAll(Store.OpenAsync(CancelHere), publisher.RefreshAsync()).GetAwaiter().GetResult();
        return task;
    }

    /// <summary>Has a script run in the workers of tasks, without being one.</summary>
    /// <returns>Ends with the script.</returns>
    /// <exception cref="RequestFaultException">Too many wait already, or the server stops: 503.</exception>
    public Task<Exception?> RunAsync(TaskItem item)
    {
        var end = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Run(item, failure =>
        {
            end.SetResult(failure);
            return Task.CompletedTask;
        }, static () => { });
        return end.Task;
    }

    /// <summary>Stops a task; one that has ended stays what it is.</summary>
    public void Cancel(HttpTask task)
    {
        if (task.Item is not { } item || Workers is not { } workers)
            return;
        item.Cancel();
        if (!workers.TryWithdraw(item, StopReason.Cancelled))
            workers.Stop(item, StopReason.Cancelled);
    }

    /// <summary>Has a request follow a task of another server.</summary>
    /// <param name="handler">The request.</param>
    /// <param name="id">The task's id.</param>
    /// <param name="record">The newest state that is known.</param>
    public void Follow(BaseHttpRequestHandler handler, string id, TaskRecord record)
    {
        if (record.HasEnded)
        {
            var feed = new TaskFeed(id, _time);
            feed.Tell(record);
            feed.Listen(handler);
            return;
        }

        var watch = _watches.GetOrAdd(id, added => new TaskWatch(added, Store, _time,
            ended => _watches.TryRemove(KeyValuePair.Create(ended.Id, ended))));
        watch.Follow(handler, record);
    }

    /// <summary>Lets what waits and runs end within a time, and stops the rest. Calling it again shortens the time.</summary>
    /// <param name="time">The time.</param>
    public async Task StopAsync(TimeSpan time)
    {
        Task[] running;
        lock (_lock)
        {
            _isStopping = true;
            running = [.. _running.Values];
        }

        if (running.Length > 0 && time > TimeSpan.Zero)
            await Task.WhenAny(Task.WhenAll(running), Task.Delay(time, _time), _hurry.Task).ConfigureAwait(false);
        _hurry.TrySetResult();
        if (Workers is { } workers)
            await workers.StopAsync(Patience).ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(running), Task.Delay(Patience)).ConfigureAwait(false);
        _beat?.Dispose();
        foreach (var known in _known.Values.Where(static known => !known.Task.State.HasEnded))
        {
            // Its thread is in a call that cannot be stopped.
            known.Task.Fail(HttpTaskStatus.Failed, new TaskProblem(503, "The server is stopping"), "It cannot be stopped.");
            await known.Publisher.FinishAsync().ConfigureAwait(false);
        }

        foreach (var watch in _watches.Values)
            await watch.DisposeAsync().ConfigureAwait(false);
        foreach (var known in _known.Values)
            known.Publisher.Dispose();
        await Store.DisposeAsync().ConfigureAwait(false);
    }

    private void Run(TaskItem item, Func<Exception?, Task> finish, Action begun)
    {
        lock (_lock)
        {
            if (_isStopping)
                throw new RequestFaultException(503, "The server is stopping");
            _pool ??= new WorkerPool(_setup, _settings.Limit, _settings.QueueLimit, TimeSpan.Zero);
            var running = _pool.RunAsync(item);
            begun();
            _running[item] = EndAsync(item, running, finish);
        }
    }

    private async Task EndAsync(TaskItem item, ValueTask running, Func<Exception?, Task> finish)
    {
        // The caller is within the lock.
        await Task.Yield();
        Exception? failure = null;
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        await ScriptWorker.LeaveThreadAsync().ConfigureAwait(false);
        try
        {
            await finish(failure).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
                _running.Remove(item);
        }
    }

    private async Task FinishAsync(KnownTask known, Exception? failure)
    {
        var (task, item) = (known.Task, known.Task.Item!);
        TaskOutcome.Record(task, item, failure, Log);
        lock (_lock)
        {
            _keptBytes += task.State.Result?.Length ?? 0;
            _ended.Enqueue(task);
            Forget();
        }

        await known.Publisher.FinishAsync().ConfigureAwait(false);
    }

    private void CancelHere(string id)
    {
        if (Find(id) is { } known)
            Cancel(known.Task);
    }

    private void Beat()
    {
        lock (_lock)
            Forget();
        if (!Store.IsShared)
            return;
        foreach (var known in _known.Values)
            _ = known.Publisher.RefreshAsync();
        _ = Store.OpenAsync(CancelHere);
    }

    private bool IsForgotten(HttpTask task) => task.State.Ended is { } ended && _time.GetUtcNow() - ended >= _settings.KeepTime;

    /// <summary>Called under the lock.</summary>
    private void Forget()
    {
        while (_ended.TryPeek(out var task)
            && (IsForgotten(task) || _ended.Count > _settings.MaxKept || _keptBytes > _settings.MaxKeptBytes))
        {
            _ended.Dequeue();
            _keptBytes -= task.State.Result?.Length ?? 0;
            if (_known.TryRemove(task.Id, out var known))
                known.Publisher.Dispose();
        }
    }
}
