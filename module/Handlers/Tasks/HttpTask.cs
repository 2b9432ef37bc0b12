using System.Management.Automation;
using System.Text;
using Http.Server.PowerShell.Handlers.Tasks;

namespace Http.Server.PowerShell;

/// <summary>
/// Work that outlasts the request that has started it: what <c>Start-HttpTask</c> gives and <c>Get-HttpTask</c> shows. Its
/// figures are always current.
/// </summary>
public sealed class HttpTask
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private volatile TaskState _state;

    internal HttpTask(string id, string name, string path, TimeProvider time)
    {
        (Id, Name, Path, _time) = (id, name, path, time);
        _state = new TaskState { Created = time.GetUtcNow() };
    }

    /// <summary>The task's name in its path: random, so that who does not know it cannot guess it.</summary>
    public string Id { get; }

    /// <summary>The name that it was given; <c>Task</c> and a number if it was given none.</summary>
    public string Name { get; }

    /// <summary>The path at which its server tells its state, <c>/tasks/</c> and the id by default.</summary>
    public string Path { get; }

    /// <summary>The name of its server.</summary>
    public string Server { get; internal init; } = "";

    /// <summary>The user whose request has started it, who alone may see it; null if everybody may who knows its id.</summary>
    public string? User { get; internal init; }

    /// <summary>How far it is.</summary>
    public HttpTaskStatus Status => _state.Status;

    /// <summary>How much of the work is done, 0 to 100; null if the script has not said so with <c>Write-Progress</c>.</summary>
    public int? PercentComplete => _state.PercentComplete;

    /// <summary>What the script does, as it says with <c>Write-Progress</c>; null if it does not.</summary>
    public string? Activity => _state.Activity;

    /// <summary>What the script says about that.</summary>
    public string? StatusDescription => _state.StatusDescription;

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset CreatedTime => _state.Created;

    /// <summary>When its script began; null before.</summary>
    public DateTimeOffset? StartTime => _state.Started;

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndTime => _state.Ended;

    /// <summary>What the script has put out, as JSON; null before its end, and if it has failed.</summary>
    public string? Result => _state.Result is { } json ? Encoding.UTF8.GetString(json) : null;

    /// <summary>Why it has failed, with the position in the script; clients are told less. Null if it has not.</summary>
    public string? Error { get; private set; }

    /// <summary>What runs, and is stopped; null for a task without workers.</summary>
    internal TaskItem? Item { get; init; }

    internal TaskState State => _state;

    /// <summary>Told of each new state, in their order.</summary>
    internal Action<HttpTask>? Changed { get; set; }

    /// <summary>Its name, or its path.</summary>
    public override string ToString() => $"{Name} {Path}";

    /// <summary>The script begins.</summary>
    internal void Begin() => Change(state => state.Status == HttpTaskStatus.Queued
        ? state with { Status = HttpTaskStatus.Running, Started = _time.GetUtcNow() }
        : null);

    /// <summary>
    /// Takes what the script says of its progress. Of several activities the one with the smallest number is the task's own:
    /// commands that show a progress, <c>Invoke-WebRequest</c> say, have large ones, and activities within another are its parts.
    /// </summary>
    internal void Report(ProgressRecord progress) => Change(state =>
    {
        if (progress.ParentActivityId >= 0 || progress.ActivityId > (state.ActivityId ?? int.MaxValue))
            return null;
        if (progress.RecordType == ProgressRecordType.Completed)
            return state.ActivityId is null
                ? null
                : state with { ActivityId = null, Activity = null, StatusDescription = null };
        return state with
        {
            ActivityId = progress.ActivityId,
            Activity = progress.Activity,
            StatusDescription = progress.StatusDescription,
            PercentComplete = progress.PercentComplete is >= 0 and <= 100 ? progress.PercentComplete : null,
        };
    });

    /// <summary>It has a result.</summary>
    internal void Complete(byte[] result) => Change(state => state with
    {
        Status = HttpTaskStatus.Completed,
        Result = result,
        PercentComplete = 100,
        Activity = null,
        StatusDescription = null,
        Ended = _time.GetUtcNow(),
    });

    /// <summary>It has ended without a result.</summary>
    /// <param name="status">Failed or cancelled.</param>
    /// <param name="problem">What its client is told.</param>
    /// <param name="error">What the log says; null if it was cancelled.</param>
    internal void Fail(HttpTaskStatus status, TaskProblem problem, string? error)
    {
        Error = error;
        Change(state => state with { Status = status, Problem = problem, Ended = _time.GetUtcNow() });
    }

    private void Change(Func<TaskState, TaskState?> change)
    {
        lock (_lock)
        {
            if (_state.HasEnded || change(_state) is not { } state || state == _state)
                return;
            _state = state with { Version = state.Version + 1 };
            Changed?.Invoke(this);
        }
    }
}
