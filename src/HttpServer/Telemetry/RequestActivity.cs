using System.Diagnostics;

namespace Http.Server.Telemetry;

/// <summary>A request that is being observed.</summary>
internal sealed class RequestActivity
{
    /// <summary>A known method, or <c>_OTHER</c>.</summary>
    public required string Method { get; init; }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public required string Scheme { get; init; }

    /// <summary>A timestamp of the server's clock.</summary>
    public required long Start { get; init; }

    /// <summary>
    /// The request was counted as active, and so must be taken off again, whether or not there are listeners by
    /// then.
    /// </summary>
    public bool IsCounted { get; set; }

    /// <summary>Null if there is no listener.</summary>
    public Activity? Activity { get; set; }

    /// <summary>What the handler threw; null if nothing.</summary>
    public string? Fault { get; set; }
}
