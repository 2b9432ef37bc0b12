namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>What <c>Start-HttpServer</c> was asked for about tasks.</summary>
internal sealed record TaskSettings
{
    /// <summary>Most tasks, and runs of timers, at once.</summary>
    public int Limit { get; init; } = 2;

    /// <summary>Most of them that wait.</summary>
    public int QueueLimit { get; init; } = 100;

    /// <summary>The time for which a task is known after its end.</summary>
    public TimeSpan KeepTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Most tasks that are known after their end.</summary>
    public int MaxKept { get; init; } = 1000;

    /// <summary>Most bytes of their results.</summary>
    public long MaxKeptBytes { get; init; } = 64L << 20;

    /// <summary>The path that they lie below, as it is sent.</summary>
    public string Path { get; init; } = "/tasks";
}
