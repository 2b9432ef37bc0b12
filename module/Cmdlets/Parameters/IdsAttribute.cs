using System.Collections;
using System.Management.Automation;

namespace Http.Server.PowerShell.Cmdlets.Parameters;

/// <summary>Takes numbers, and tables with one under <c>Id</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IdsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        inputData is PSObject { BaseObject: IDictionary } or IDictionary
            && PipedTable.Find((IDictionary)PSObject.AsPSObject(inputData).BaseObject, "Id") is { } id ? id : inputData;
}
