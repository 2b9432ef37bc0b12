namespace Http.Server.PowerShell;

/// <summary>How far a task of a server is.</summary>
public enum HttpTaskStatus
{
    /// <summary>It waits until others have ended.</summary>
    Queued,

    /// <summary>Its script runs.</summary>
    Running,

    /// <summary>It has come to its end; its result is there.</summary>
    Completed,

    /// <summary>An error, or the end of its server, has ended it.</summary>
    Failed,

    /// <summary>It was stopped as somebody asked for it.</summary>
    Cancelled,
}
