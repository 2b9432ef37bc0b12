using System.Collections;
using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>
/// Takes names, and tables with one under <c>Name</c>. The text of an object is the name of nothing: such an object is left to
/// parameters that take it whole, or one of its properties.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NamesAttribute : ArgumentTransformationAttribute
{
    /// <summary>
    /// Braces without quotes become <see cref="PatternQuotes.Missing"/>, for the cmdlet to say; the engine puts words of its own
    /// before what is said here.
    /// </summary>
    public bool KeepsBraces { get; set; }

    /// <summary>A table stands for its <c>Name</c>; false for parameters beside one that takes tables whole.</summary>
    public bool TakesTables { get; set; } = true;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        IDictionary table when TakesTables && PipedTable.Find(table, "Name") is { } name => Transform(engineIntrinsics, name),
        PSObject { BaseObject: PSCustomObject } or IDictionary or HttpServerInstance or HttpHandler => throw Refuse(),
        ScriptBlock when KeepsBraces => PatternQuotes.Missing,
        ScriptBlock => throw new ArgumentTransformationMetadataException(PatternQuotes.Missing),
        PSObject wrapped => Transform(engineIntrinsics, wrapped.BaseObject),
        IEnumerable items and not string =>
            items.Cast<object>().Select(item => item is null ? null : Transform(engineIntrinsics, item)).ToArray(),
        _ => inputData,
    };

    /// <summary>The inner exception makes the engine try other parameters for the input of the pipeline.</summary>
    private static ArgumentTransformationMetadataException Refuse() =>
        new("A name is wanted: give the object by the pipeline, or with -InputObject.",
            new PSInvalidCastException("This is no name."));
}
