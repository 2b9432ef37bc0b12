using System.Management.Automation;

namespace Http.Server.PowerShell;

/// <summary>
/// A handler has failed: what the events <c>Error</c> of the server object and <c>HttpServer.Error</c> of the session
/// carry.
/// </summary>
public sealed class HttpServerErrorEventArgs : EventArgs
{
    internal HttpServerErrorEventArgs(string server, string requestId, string? client, string message, ErrorRecord? errorRecord,
        Exception exception) =>
        (Server, RequestId, Client, Message, ErrorRecord, Exception) = (server, requestId, client, message, errorRecord,
            exception);

    /// <summary>The name of the server.</summary>
    public string Server { get; }

    /// <summary>The request, as in the log.</summary>
    public string RequestId { get; }

    /// <summary>The client's address.</summary>
    public string? Client { get; }

    /// <summary>The message with the position in the script.</summary>
    public string Message { get; }

    /// <summary>The error as the engine has it; null if it did not come from a script.</summary>
    public ErrorRecord? ErrorRecord { get; }

    /// <summary>What was thrown.</summary>
    public Exception Exception { get; }
}
