using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>
/// An error that ends the work for one input of a cmdlet. It ends the cmdlet too, unless further input comes by the pipeline.
/// </summary>
internal sealed class CommandFailure(ErrorRecord record) : Exception(record.Exception.Message, record.Exception)
{
    public CommandFailure(string message, string errorId, ErrorCategory category, object? target)
        : this(new ErrorRecord(new InvalidOperationException(message), errorId, category, target))
    {
    }

    public ErrorRecord Record { get; } = record;
}
