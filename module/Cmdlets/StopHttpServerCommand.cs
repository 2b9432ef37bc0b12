using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>Stops servers and frees their ports.</summary>
[Cmdlet(VerbsLifecycle.Stop, "HttpServer", DefaultParameterSetName = ByPipedName, SupportsShouldProcess = true,
    HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpServerInstance))]
public sealed class StopHttpServerCommand : ServerTargetCommand
{
    /// <summary>Seconds that running requests have to end; default 5.</summary>
    [Parameter]
    [Seconds]
    [ValidateRange(0, 86_400)]
    public double Timeout { get; set; } = 5;

    /// <summary>Running requests are broken off at once.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The stopped servers are put out; Restart-HttpServer takes them.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var servers = Targets().Where(server => ShouldProcess(server.ToString(), "Stop")).ToList();
        var grace = Force ? TimeSpan.Zero : TimeSpan.FromSeconds(Timeout);
        // This handler would wait for its server's end, and the server's end for this handler.
        foreach (var own in servers.Where(static server => server.IsAnsweringHere).ToList())
        {
            servers.Remove(own);
            own.StopFromWithin(grace);
            if (PassThru)
                WriteObject(own);
        }

        // The servers are stopped at the same time, so ten with slow requests take as long as one.
        Task.WhenAll(servers.Select(server => Task.Run(() => server.StopAsync(grace)))).GetAwaiter().GetResult();
        foreach (var server in servers)
        {
            Session.Remove(server);
            if (PassThru)
                WriteObject(server);
        }
    }
}
