namespace Http.Server.PowerShell.Engine;

/// <summary>Why a handler that runs is to be stopped.</summary>
internal enum StopReason
{
    None,

    /// <summary>It has not begun to answer in time.</summary>
    Timeout,

    /// <summary>The client has left.</summary>
    ClientGone,

    /// <summary>Its server ends.</summary>
    ServerStopping,

    /// <summary>Its calls are nested too deeply.</summary>
    TooDeep,

    /// <summary>Somebody has asked for its end: it is no handler but a task.</summary>
    Cancelled,
}
