using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Tasks;

/// <summary>Gets the timers that have been registered.</summary>
[Cmdlet(VerbsCommon.Get, "HttpTimer", HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpTimer))]
public sealed class GetHttpTimerCommand : HttpServerCommand
{
    /// <summary>The names of the timers; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(TimerNameCompleter))]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Name.Length == 0)
            WriteObject(Session.Timers.All(), enumerateCollection: true);
        foreach (var name in Name)
            WriteObject(FindTimers(name), enumerateCollection: true);
    }
}
