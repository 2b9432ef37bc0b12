using System.Management.Automation;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Timers;

namespace Http.Server.PowerShell.Cmdlets.Tasks;

/// <summary>Has a scriptblock run again and again, while a server runs.</summary>
[Cmdlet(VerbsLifecycle.Register, "HttpTimer", DefaultParameterSetName = ByInterval, SupportsShouldProcess = true,
    HelpUri = HelpPage.Uri)]
[OutputType(typeof(HttpTimer))]
public sealed class RegisterHttpTimerCommand : HttpServerCommand
{
    private const string ByInterval = "Every";

    private const string ByDay = "At";

    /// <summary>The scriptblock.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public ScriptBlock ScriptBlock { get; set; } = ScriptBlock.Create("");

    /// <summary>The time from one run to the next: seconds, 5m, or a TimeSpan.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByInterval)]
    [Seconds]
    [ValidateRange(0.1, 31_536_000d)]
    public double Every { get; set; }

    /// <summary>The local time of the day at which it runs, from midnight on: 03:30.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByDay)]
    [Seconds]
    [ValidateRange(0d, 86_399d)]
    public double At { get; set; }

    /// <summary>A name for the timer.</summary>
    [Parameter]
    [AllowNull]
    [AllowEmptyString]
    public string? Name { get; set; }

    /// <summary>
    /// The server whose workers run it, as an object, by name or by number; none for the first of the session that runs.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    public object? Server { get; set; }

    /// <summary>Takes the place of a timer of the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>The timer is put out.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Server is null)
            Register(null);
        else
            FindServers(Server).ToList().ForEach(Register);
    }

    private void Register(HttpServerInstance? server)
    {
        if (!Force && !string.IsNullOrEmpty(Name) && Session.Timers.Find(Name) is { } known)
            Fail($"There is a timer '{known.Name}' already. Use -Force to put this one in its place, or unregister that one.",
                "TimerExists", ErrorCategory.ResourceExists, known);
        var schedule = ParameterSetName == ByDay
            ? new TimerSchedule(null, TimeSpan.FromSeconds(At))
            : new TimerSchedule(TimeSpan.FromSeconds(Every), null);
        var timer = new HttpTimer(HttpHandler.NextId(), Name ?? "", ScriptBlock,
            CapturedValues.Of(ScriptBlock, SessionState, "timer", Fail), schedule)
        {
            Server = server?.Name,
        };
        if (!ShouldProcess(server?.ToString() ?? "the first server", $"Register {timer}"))
            return;
        Session.Add(timer, server);
        if (PassThru)
            WriteObject(timer);
    }
}
