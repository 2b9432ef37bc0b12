using System.Diagnostics.CodeAnalysis;

namespace Http.Server.Telemetry;

/// <summary>
/// Whether the process may be observed at all. A type of its own, so that a program that has switched metrics off, by .NET's own
/// switch, never loads the types of System.Diagnostics.Metrics.
/// </summary>
internal static class TelemetrySwitch
{
    /// <summary>What <c>MetricsSupport</c> of a project file sets.</summary>
    private const string Name = "System.Diagnostics.Metrics.Meter.IsSupported";

    [FeatureSwitchDefinition(Name)]
    public static bool IsOn { get; } = !AppContext.TryGetSwitch(Name, out var isSupported) || isSupported;
}
