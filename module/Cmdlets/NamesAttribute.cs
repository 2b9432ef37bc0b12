using System.Collections;
using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets;

/// <summary>
/// Takes names. The text of an object is the name of nothing: such an object is left to parameters that take it whole, or one of
/// its properties.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NamesAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        PSObject { BaseObject: PSCustomObject } or IDictionary or HttpServerInstance or HttpHandler => throw Refuse(),
        ScriptBlock => throw new ArgumentTransformationMetadataException(PatternQuotes.Missing),
        PSObject wrapped => Transform(engineIntrinsics, wrapped.BaseObject),
        IEnumerable items and not string =>
            items.Cast<object>().Select(item => item is null ? null : Transform(engineIntrinsics, item)).ToArray(),
        _ => inputData,
    };

    /// <summary>With this cause inside, the engine goes on to other parameters with what came by the pipeline.</summary>
    private static ArgumentTransformationMetadataException Refuse() =>
        new("A name is wanted: give the object by the pipeline, or with -InputObject.",
            new PSInvalidCastException("This is no name."));
}
