using System.Management.Automation;

namespace Http.Server.PowerShell.Engine;

/// <summary>A worker's runspace cannot be made as the server's start asks for it.</summary>
internal sealed class WorkerStartException(string message, string errorId, object? target, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The error as a cmdlet reports it.</summary>
    public ErrorRecord ToErrorRecord() => new(this, errorId, ErrorCategory.OpenError, target);
}
