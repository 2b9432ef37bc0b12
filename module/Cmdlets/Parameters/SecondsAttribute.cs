using System.Globalization;
using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>Seconds, which may also be given as a <see cref="TimeSpan"/> or as one in text, <c>00:01:30</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecondsAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            TimeSpan time => time.TotalSeconds,
            // Without a colon it is a number: 90 as text are seconds, not days.
            string text when text.Contains(':', StringComparison.Ordinal)
                && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) => time.TotalSeconds,
            var other when LanguagePrimitives.TryConvertTo(other, CultureInfo.InvariantCulture, out double _) => inputData,
            var other => throw new ArgumentTransformationMetadataException(
                $"Give seconds, such as 90, or a time, such as 00:01:30: '{other}' is neither."),
        };
}
