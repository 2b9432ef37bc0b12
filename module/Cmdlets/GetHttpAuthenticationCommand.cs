using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Gets the ways to log in that have been registered.</summary>
[Cmdlet(VerbsCommon.Get, "HttpAuthentication", HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpAuthentication))]
public sealed class GetHttpAuthenticationCommand : HttpServerCommand
{
    /// <summary>The names; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(AuthenticationNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        WriteObject(FindAuthentications(Name).Distinct(), enumerateCollection: true);
}
