using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Tasks;

/// <summary>Takes timers away. What runs comes to its end.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "HttpTimer", DefaultParameterSetName = ByName, SupportsShouldProcess = true,
    HelpUri = HelpPage.Uri)]
public sealed class UnregisterHttpTimerCommand : HttpServerCommand
{
    private const string ByName = "Name";

    /// <summary>The names of the timers; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(TimerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>The timers themselves.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    public HttpTimer[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var timer in ParameterSetName == ByName ? Name.SelectMany(FindTimers) : InputObject)
        {
            if (ShouldProcess(timer.ToString(), "Unregister"))
                Session.Timers.Remove(timer);
        }
    }
}
