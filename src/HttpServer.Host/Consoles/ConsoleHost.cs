using System.Globalization;
using System.Management.Automation.Host;

namespace Http.Server.Host.Consoles;

/// <summary>The program as PowerShell sees it when there is no prompt.</summary>
internal sealed class ConsoleHost : PSHost
{
    /// <summary>What <c>exit</c> of the script was given; null if it was not called.</summary>
    public int? ExitCode { get; private set; }

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "httpserver-host";

    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version!;

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI { get; } = new ConsoleInterface();

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw NoPrompt();

    public override void ExitNestedPrompt() => throw NoPrompt();

    public override void NotifyBeginApplication()
    {
        // Programs share the streams as they are.
    }

    public override void NotifyEndApplication()
    {
        // Programs share the streams as they are.
    }

    private static NotSupportedException NoPrompt() => new("There is no prompt: httpserver-host without a script has one.");
}
