using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Stops servers and starts them again with the same settings and handlers, or starts those that were stopped.</summary>
[Cmdlet(VerbsLifecycle.Restart, "HttpServer", DefaultParameterSetName = ByPipedName, SupportsShouldProcess = true,
    HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpServerInstance))]
public sealed class RestartHttpServerCommand : ServerTargetCommand
{
    /// <summary>Seconds that running requests have to end; default 5.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0, 86_400)]
    public double Timeout { get; set; } = 5;

    /// <summary>The servers are put out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var server in Targets().Where(server => ShouldProcess(server.ToString(), "Restart")))
        {
            if (server.IsAnsweringHere)
            {
                server.RestartFromWithin(TimeSpan.FromSeconds(Timeout));
                if (PassThru)
                    WriteObject(server);
                continue;
            }

            server.StopAsync(TimeSpan.FromSeconds(Timeout)).GetAwaiter().GetResult();
            Session.Remove(server);
            if (Session.Servers.Any(other => other.Name.Equals(server.Name, StringComparison.OrdinalIgnoreCase)))
            {
                Report($"There is another server named '{server.Name}' by now. Stop that one first.", "ServerExists",
                    ErrorCategory.ResourceExists, server);
                continue;
            }

            try
            {
                server.Start();
            }
            catch (ServerStartException exception)
            {
                WriteError(new ErrorRecord(exception, "CannotListen", ErrorCategory.ResourceUnavailable, server));
                continue;
            }
            catch (WorkerStartException exception)
            {
                WriteError(exception.ToErrorRecord());
                continue;
            }

            Session.Add(server);
            foreach (var error in server.TakeComplaints())
                WriteError(error);
            if (PassThru)
                WriteObject(server);
        }
    }
}
