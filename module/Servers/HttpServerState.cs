namespace Http.Server.PowerShell;

/// <summary>Where a server is in its life.</summary>
public enum HttpServerState
{
    /// <summary>It does not serve; it can be started again.</summary>
    Stopped,

    /// <summary>It serves.</summary>
    Running,

    /// <summary>It takes no new requests, and lets those end that run.</summary>
    Stopping,
}
