using Http.Server.PowerShell.Handlers.Tasks;

namespace Http.Server.PowerShell.Timers;

/// <summary>The timers of a session.</summary>
/// <param name="time">The clock.</param>
internal sealed class TimerTable(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<TimerRunner> _runners = [];

    /// <summary>All timers in the order in which they were registered.</summary>
    public IReadOnlyList<HttpTimer> All()
    {
        lock (_lock)
            return [.. _runners.Select(static runner => runner.Timer)];
    }

    /// <summary>A timer by its name in any case; null if there is none.</summary>
    public HttpTimer? Find(string name) =>
        All().FirstOrDefault(timer => timer.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Adds a timer, in the place of one of the same name.</summary>
    /// <param name="timer">The timer.</param>
    /// <param name="find">Finds where it runs; null while there is no such server.</param>
    public void Add(HttpTimer timer, Func<ServerTasks?> find)
    {
        if (Find(timer.Name) is { } former)
            Remove(former);
        var runner = new TimerRunner(timer, find, time);
        lock (_lock)
            _runners.Add(runner);
    }

    /// <summary>Takes a timer away; a run that goes on comes to its end.</summary>
    public void Remove(HttpTimer timer)
    {
        lock (_lock)
        {
            foreach (var runner in _runners.Where(runner => runner.Timer == timer))
                runner.Dispose();
            _runners.RemoveAll(runner => runner.Timer == timer);
        }

        timer.Script.IsRemoved = true;
    }

    /// <summary>A server has started.</summary>
    public void Schedule()
    {
        TimerRunner[] runners;
        lock (_lock)
            runners = [.. _runners];
        foreach (var runner in runners)
            runner.Schedule();
    }

    /// <summary>Takes all timers away.</summary>
    public void Clear()
    {
        foreach (var timer in All())
            Remove(timer);
    }
}
