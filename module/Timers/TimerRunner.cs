using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.PowerShell.Logging;
using Http.Server.State;

namespace Http.Server.PowerShell.Timers;

/// <summary>Has a timer run when it is due, and never while its last run goes on.</summary>
internal sealed class TimerRunner : IDisposable
{
    /// <summary>Longest time that a clock is set to; it is looked again then.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private readonly Func<ServerTasks?> _find;
    private readonly TimeProvider _time;
    private readonly ITimer _alarm;
    private readonly Lock _lock = new();
    private DateTimeOffset _due;
    private int _isRunning;
    private bool _isDisposed;
    private bool _hasComplained;

    /// <param name="timer">The timer.</param>
    /// <param name="find">Finds where it runs; null while there is no such server.</param>
    /// <param name="time">The clock.</param>
    public TimerRunner(HttpTimer timer, Func<ServerTasks?> find, TimeProvider time)
    {
        (Timer, _find, _time) = (timer, find, time);
        _alarm = time.CreateTimer(static runner => ((TimerRunner)runner!).Ring(), this,
            System.Threading.Timeout.InfiniteTimeSpan, System.Threading.Timeout.InfiniteTimeSpan);
        Schedule();
    }

    public HttpTimer Timer { get; }

    /// <summary>Ends with the run that goes on; completed if there is none.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Sets the clock anew: with another server there may be a store that others have too.</summary>
    public void Schedule()
    {
        lock (_lock)
        {
            if (_due == default || _find()?.StateStore.IsShared == true)
                Plan(null);
        }
    }

    /// <summary>It is not due any more. A run that goes on comes to its end.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            Timer.NextRunTime = null;
        }

        _alarm.Dispose();
    }

    private void Ring()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            var due = _due;
            if (_time.GetUtcNow() < due)
            {
                SetAlarm();
                return;
            }

            Plan(due);
            if (Interlocked.Exchange(ref _isRunning, 1) == 0)
                Running = RunAsync(due);
            else
                Timer.CountSkipped();
        }
    }

    private void Plan(DateTimeOffset? former)
    {
        if (_isDisposed)
            return;
        var isShared = _find()?.StateStore.IsShared == true;
        _due = Timer.Schedule.Next(_time.GetUtcNow(), former, isShared, _time.LocalTimeZone);
        Timer.NextRunTime = _due.ToLocalTime();
        SetAlarm();
    }

    private void SetAlarm()
    {
        var rest = _due - _time.GetUtcNow();
        // Whole milliseconds, and none too few.
        var wait = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Clamp(rest.TotalMilliseconds, 0, Longest.TotalMilliseconds)));
        _alarm.Change(wait, System.Threading.Timeout.InfiniteTimeSpan);
    }

    private async Task RunAsync(DateTimeOffset due)
    {
        // The caller is within the lock.
        await Task.Yield();
        var tasks = _find();
        try
        {
            if (tasks is not null)
                await RunAsync(tasks, due).ConfigureAwait(false);
            _hasComplained = false;
        }
        catch (Exception exception) when (exception is HttpStateStoreException or RequestFaultException)
        {
            if (!_hasComplained)
                tasks!.Log.Message(LogLevel.Warning, null,
                    $"The timer {Timer.Name} did not run: {exception.Message.TrimEnd('.')}.");
            _hasComplained = true;
        }
        finally
        {
            Timer.IsRunning = false;
            Volatile.Write(ref _isRunning, 0);
        }
    }

    private async Task RunAsync(ServerTasks tasks, DateTimeOffset due)
    {
        if (!tasks.StateStore.IsShared)
        {
            await RunScriptAsync(tasks).ConfigureAwait(false);
            return;
        }

        var lease = await TimerLease.TryTakeAsync(tasks.StateStore, Timer, due, _time).ConfigureAwait(false);
        if (lease is null)
            return;
        await using (lease.ConfigureAwait(false))
            await RunScriptAsync(tasks).ConfigureAwait(false);
    }

    private async Task RunScriptAsync(ServerTasks tasks)
    {
        var item = new TaskItem(Timer.Script, []) { Name = $"The timer {Timer.Name}", RequestId = Timer.Name };
        var run = tasks.RunAsync(item);
        Timer.IsRunning = true;
        Timer.LastRunTime = _time.GetLocalNow();
        Timer.CountRun();
        var failure = await run.ConfigureAwait(false);
        // What the end of the server has stopped has not failed.
        var hasFailed = failure is not null && !(tasks.IsStopping && failure is RequestFaultException);
        Timer.LastError = hasFailed ? ErrorText.Of(failure!) : null;
        if (hasFailed)
            tasks.Log.Fault(null, item.RequestId, $"{item.Name} failed", failure!);
    }
}
