namespace Http.Server.PowerShell.Handlers.Dashboards;

/// <summary>A server as the dashboard shows it.</summary>
internal sealed record DashboardServer
{
    public required string Name { get; init; }

    /// <summary>Null for one at Unix domain sockets alone.</summary>
    public Uri? Uri { get; init; }

    public required string State { get; init; }

    public DateTime? StartTime { get; init; }

    public long Requests { get; init; }

    public int Active { get; init; }

    public long Errors { get; init; }

    public int Connections { get; init; }

    /// <summary>Workers that work, workers that have nothing to do, and requests that wait for one.</summary>
    public (int Busy, int Idle, int Waiting) Work { get; init; }
}
