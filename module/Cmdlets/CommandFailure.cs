using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>What ends the work for one input of a cmdlet: the cmdlet itself too, unless further input may fare better.</summary>
internal sealed class CommandFailure(ErrorRecord record) : Exception(record.Exception.Message, record.Exception)
{
    public ErrorRecord Record { get; } = record;
}
