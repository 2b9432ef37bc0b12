namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>The state of a task at one moment.</summary>
internal sealed record TaskState
{
    public HttpTaskStatus Status { get; init; }

    /// <summary>How much of the work is done, 0 to 100; null if the script has not said so.</summary>
    public int? PercentComplete { get; init; }

    /// <summary>What the script says it does; null if it does not.</summary>
    public string? Activity { get; init; }

    /// <summary>What the script says about that.</summary>
    public string? StatusDescription { get; init; }

    /// <summary>The activity of <c>Write-Progress</c> that is the task's own; null if there is none now.</summary>
    public int? ActivityId { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>What the script has put out, as JSON; null before its end.</summary>
    public byte[]? Result { get; init; }

    /// <summary>Why there is no result; null if there is one, or may be one yet.</summary>
    public TaskProblem? Problem { get; init; }

    /// <summary>Counts the states of the task.</summary>
    public int Version { get; init; } = 1;

    public bool HasEnded => Status >= HttpTaskStatus.Completed;
}
