using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Gets the servers of this session.</summary>
[Cmdlet(VerbsCommon.Get, "HttpServer", DefaultParameterSetName = ByPipedName, HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpServerInstance))]
public sealed class GetHttpServerCommand : ServerTargetCommand
{
    /// <inheritdoc/>
    protected override void ProcessRecord() => WriteObject(Targets(), enumerateCollection: true);
}
