namespace Http.Server.Telemetry;

/// <summary>A server with metrics, as what answers its requests sees it.</summary>
internal interface IMetricsOwner
{
    /// <summary>Told of each request; null if nothing is measured.</summary>
    ServerMetrics? Measured { get; }

    /// <summary>What is shown at the path of metrics; null if nothing is at the addresses of this server.</summary>
    ServerMetrics? Shown { get; }
}
