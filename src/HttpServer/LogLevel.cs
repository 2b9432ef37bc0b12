namespace Http.Server;

/// <summary>How grave a message in the log is.</summary>
public enum LogLevel
{
    /// <summary>Of interest when a fault is looked for: a client went away, say. Not shown by default.</summary>
    Debug,

    /// <summary>The normal course of things.</summary>
    Information,

    /// <summary>Something is odd, but the server copes.</summary>
    Warning,

    /// <summary>The server or a handler failed at something.</summary>
    Error,
}
