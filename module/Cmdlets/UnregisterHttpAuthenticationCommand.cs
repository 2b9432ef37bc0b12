using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Takes ways to log in away. What asks for them lets nobody in any more.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "HttpAuthentication", SupportsShouldProcess = true, HelpUri = HelpPage.Uri)]
public sealed class UnregisterHttpAuthenticationCommand : HttpServerCommand
{
    /// <summary>The names; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(AuthenticationNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var authentication in FindAuthentications(Name).ToArray())
        {
            if (ShouldProcess(authentication.ToString(), "Unregister"))
                Session.Remove(authentication);
        }
    }
}
