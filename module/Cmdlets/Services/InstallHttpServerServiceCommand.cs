using System.Management.Automation;
using Http.Server.Hosting;
using Http.Server.Hosting.Services;
using Http.Server.PowerShell.Cmdlets.Parameters;
using Http.Server.PowerShell.Cmdlets.Starting;

namespace Http.Server.PowerShell.Cmdlets.Services;

/// <summary>Has systemd run a script that starts servers. With -WhatIf the units are put out, and nothing changes.</summary>
[Cmdlet(VerbsLifecycle.Install, "HttpServerService", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium,
    HelpUri = HelpPage.Uri)]
[OutputType(typeof(string))]
public sealed class InstallHttpServerServiceCommand : HttpServerCommand
{
    /// <summary>A script may stop its servers in its own time.</summary>
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(90);

    /// <summary>The script.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>What the script gets as arguments.</summary>
    [Parameter]
    [ValidateNotNull]
    public string[] ArgumentList { get; set; } = [];

    /// <summary>The name of the service; by default that of the script.</summary>
    [Parameter]
    [ValidatePattern(@"^[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    public string? Name { get; set; }

    /// <summary>The port at which systemd listens for the script, also one below 1024.</summary>
    [Parameter]
    [ValidateRange(1, 65_535)]
    public int? Port { get; set; }

    /// <summary>The addresses at which systemd listens.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BindCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Bind { get; set; } = [];

    /// <summary>The user that the service runs as; by default one that exists only while it runs.</summary>
    [Parameter]
    [ValidatePattern(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    public string? User { get; set; }

    /// <summary>Directories that the script writes to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] WritePath { get; set; } = [];

    /// <summary>How many run beside each other, each with sockets of its own.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int Instances { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            var plan = MakePlan(new SessionPaths(SessionState.Path));
            // The engine's own line, "What if: ...", would stand among the units.
            if (IsWhatIf())
                WriteObject(SystemdUnits.Show(plan));
            else if (ShouldProcess(plan.Name, "Install service"))
                ServiceInstaller.Install(plan);
        }
        catch (Exception exception) when (exception is CannotStartException or ServerStartException)
        {
            Fail(exception.Message, "CannotInstall", ErrorCategory.ResourceUnavailable, Path);
        }
        catch (CommandFailure failure)
        {
            ThrowTerminatingError(failure.Record);
        }
    }

    private bool IsWhatIf() => LanguagePrimitives.IsTrue(MyInvocation.BoundParameters.TryGetValue("WhatIf", out var isAsked)
        ? isAsked
        : SessionState.PSVariable.GetValue("WhatIfPreference"));

    private ServicePlan MakePlan(SessionPaths paths)
    {
        var script = paths.Resolve(Path, "-Path");
        if (!File.Exists(script))
            Fail($"There is no script {script}: give one that exists with -Path.", "ScriptNotFound", ErrorCategory.ObjectNotFound,
                script);
        if (Port is null && Bind.Any(static address => !address.StartsWith("unix:", StringComparison.Ordinal)))
            Fail("-Bind says where systemd listens, but not at which port: add -Port.", "PortMissing",
                ErrorCategory.InvalidArgument, Bind);
        IReadOnlyList<string> sockets = Port is null && Bind.Length == 0 ? [] : ServiceSockets.Find(Bind, Port ?? 0);
        if (Instances > 0 && sockets.Count == 0)
            Fail("-Instances needs sockets that tell them apart: add -Port or -Bind.", "SocketsMissing",
                ErrorCategory.InvalidArgument, Instances);
        var program = ServiceProgram.Find();
        var isHost = System.IO.Path.GetFileNameWithoutExtension(program[^1]) == "httpserver-host";
        return new ServicePlan
        {
            Name = Name ?? string.Concat(System.IO.Path.GetFileNameWithoutExtension(script).Select(
                static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-')),
            Description = $"HTTP server of {script}",
            Command = [.. program, .. isHost ? [] : (string[])["-NoProfile", "-NonInteractive", "-File"], script,
                .. ArgumentList],
            Sockets = sockets,
            // What lies beside a script belongs to it.
            Reads = [System.IO.Path.GetDirectoryName(script)!, AppContext.BaseDirectory.TrimEnd('/'),
                System.IO.Path.GetDirectoryName(program[0])!],
            Writes = [.. WritePath.Select(path => paths.Resolve(path, "-WritePath"))],
            User = User,
            Instances = Instances,
            StopTime = StopTime,
            MakesCode = true,
            NeedsNetwork = true,
            NeedsHome = true,
        };
    }
}
