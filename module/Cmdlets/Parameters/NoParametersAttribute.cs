using System.Collections;
using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>
/// Refuses parameters that do not exist among what no other parameter takes. It does so before the engine asks for a mandatory
/// parameter that is missing because its name was misspelt.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NoParametersAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var values = inputData is IEnumerable items and not string ? items.Cast<object?>() : [inputData];
        var unknown = values.Select(static value => $"{value}")
            .FirstOrDefault(static text => text is ['-', not (>= '0' and <= '9'), ..]);
        return unknown is null ? inputData : throw new ArgumentTransformationMetadataException(
            $"There is no parameter {unknown}.");
    }
}
