using System.Management.Automation;
using Http.Server.Hosting;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The parameters that say where metrics are served.</summary>
internal sealed class MetricsParameters
{
    public string? MetricsPath { get; set; }

    public string? MetricsBind { get; set; }

    /// <summary>The options with what the parameters say.</summary>
    /// <param name="options">The others.</param>
    /// <param name="fail">Ends the cmdlet with an error: its message, its id, its category and what it is about.</param>
    public HttpServerOptions ApplyTo(HttpServerOptions options, Action<string, string, ErrorCategory, object?> fail)
    {
        if (MetricsBind is null)
            return options with { MetricsPath = MetricsPath };
        if (MetricsPath is null)
            fail("-MetricsBind says where metrics are served, but none are: add -MetricsPath, /metrics say.",
                "MetricsPathMissing", ErrorCategory.InvalidArgument, MetricsBind);
        try
        {
            return options with { MetricsPath = MetricsPath, MetricsAddresses = AddressAndPort.Resolve(MetricsBind) };
        }
        catch (Exception exception) when (exception is ServerStartException or ArgumentException)
        {
            fail($"-MetricsBind: {exception.Message}", "MetricsBindInvalid", ErrorCategory.InvalidArgument, MetricsBind);
            throw;
        }
    }
}
