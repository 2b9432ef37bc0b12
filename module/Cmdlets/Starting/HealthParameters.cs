using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The parameters that say where balancers and supervisors ask how a server is.</summary>
internal sealed class HealthParameters
{
    public string? HealthPath { get; set; }

    public string? LivenessPath { get; set; }

    /// <summary>The options with what the parameters say.</summary>
    /// <param name="options">The others.</param>
    /// <param name="fail">Ends the cmdlet with an error: its message, its id, its category and what it is about.</param>
    public HttpServerOptions ApplyTo(HttpServerOptions options, Action<string, string, ErrorCategory, object?> fail)
    {
        if (LivenessPath is not null && LivenessPath == HealthPath)
            fail("-LivenessPath and -HealthPath are two paths, since they answer differently while the server "
                + "drains: give others, such as /livez and /healthz.",
                "LivenessPathIsHealthPath", ErrorCategory.InvalidArgument, LivenessPath);
        return options with { HealthPath = HealthPath, LivenessPath = LivenessPath };
    }
}
