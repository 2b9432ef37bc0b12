using System.Globalization;
using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>
/// Seconds, which may also be given as a <see cref="TimeSpan"/> or as one in text, <c>00:01:30</c>, or with a unit, <c>5m</c>.
/// </summary>
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
            // What is typed as 2d is a decimal number to the engine, which keeps its text.
            string or decimal when ReadWithUnit(inputData!.ToString()!) is { } seconds => seconds,
            var other when LanguagePrimitives.TryConvertTo(other, CultureInfo.InvariantCulture, out double _) => inputData,
            var other => throw new ArgumentTransformationMetadataException(
                $"Give seconds, such as 90, or a time, such as 5m or 00:01:30: '{other}' is neither."),
        };

    /// <summary>A number with s, m, h or d behind it; null for anything else.</summary>
    private static double? ReadWithUnit(string text)
    {
        var unit = text.Length < 2 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        return unit > 0 && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out var number) ? number * unit : null;
    }
}
