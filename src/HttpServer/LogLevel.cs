namespace Http.Server;

/// <summary>How grave a message in the log is.</summary>
public enum LogLevel
{
    /// <summary>A message for the search for a fault, such as that a client has left. It is not shown by default.</summary>
    Debug,

    /// <summary>The normal course of things.</summary>
    Information,

    /// <summary>Something is odd, but the server copes.</summary>
    Warning,

    /// <summary>The server or a handler failed at something.</summary>
    Error,
}
