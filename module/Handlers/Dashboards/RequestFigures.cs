namespace Http.Server.PowerShell.Handlers.Dashboards;

/// <summary>How many requests there were, how many went wrong, and how long they took.</summary>
internal sealed class RequestFigures
{
    private readonly LatencyCounts _latencies = new();
    private long _calls;
    private long _errors;

    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Answers with a status of 500 and above.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Counts a request that has been answered.</summary>
    /// <param name="status">The answer's status.</param>
    /// <param name="time">How long it took; null for one that lasts as long as its client likes.</param>
    public void Count(int status, TimeSpan? time)
    {
        Interlocked.Increment(ref _calls);
        if (status >= 500)
            Interlocked.Increment(ref _errors);
        if (time is { } taken)
            _latencies.Add(taken);
    }

    /// <summary>In milliseconds; null if no time has been counted.</summary>
    public double? FindPercentile(double part) => _latencies.FindPercentile(part)?.TotalMilliseconds;
}
