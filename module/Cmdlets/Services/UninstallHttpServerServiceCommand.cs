using System.Management.Automation;
using Http.Server.Hosting;
using Http.Server.Hosting.Services;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Services;

/// <summary>Stops a service that Install-HttpServerService has installed, and takes it away.</summary>
[Cmdlet(VerbsLifecycle.Uninstall, "HttpServerService", SupportsShouldProcess = true, HelpUri = HelpPage.Uri)]
public sealed class UninstallHttpServerServiceCommand : HttpServerCommand
{
    /// <summary>The name of the service.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidatePattern(@"^[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    public string Name { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!ShouldProcess(Name, "Uninstall service"))
            return;
        try
        {
            ServiceInstaller.Uninstall(Name);
        }
        catch (CannotStartException exception)
        {
            Fail(exception.Message, "CannotUninstall", ErrorCategory.ResourceUnavailable, Name);
        }
    }
}
