using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Handlers.Binding;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>Reads the parameters of a handler that requests give values.</summary>
/// <param name="schemas">Takes the classes.</param>
internal sealed class ApiParameters(TypeSchemas schemas)
{
    /// <summary>The parameters in their order, without those that are not to be shown.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="known">Its parameters as the engine knows them; null if it cannot tell.</param>
    /// <param name="help">What its comments say.</param>
    public IReadOnlyList<ApiParameter> Read(
        ApiHandler handler, IReadOnlyDictionary<string, ParameterMetadata>? known, HandlerHelp help)
    {
        var read = new List<ApiParameter>();
        foreach (var written in ParameterRoles.Of(handler.Script.Written))
        {
            var name = ParameterRoles.NameOf(written);
            if (!handler.Script.Parameters.Names.Contains(name))
                continue;
            if (known is null || !known.TryGetValue(name, out var metadata))
                read.Add(new ApiParameter(name, [], help.Parameter(name), IsMandatory: false, IsWhole: false, IsFile: false));
            else if (!metadata.Attributes.OfType<ParameterAttribute>().Any(static attribute => attribute.DontShow))
                read.Add(Read(written, metadata, help));
        }

        return read;
    }

    private ApiParameter Read(ParameterAst written, ParameterMetadata metadata, HandlerHelp help)
    {
        var bound = new BoundParameter(metadata);
        var schema = schemas.Of(metadata.ParameterType ?? typeof(object), isInput: true);
        Constraints.Apply(schema, metadata.Attributes, written);
        if (LiteralValues.DefaultOf(written, schema) is { } value)
            schema["default"] = value;
        var said = help.Parameter(metadata.Name) ?? metadata.Attributes.OfType<ParameterAttribute>()
            .Select(static attribute => attribute.HelpMessage).FirstOrDefault(static text => !string.IsNullOrEmpty(text));
        return new ApiParameter(metadata.Name, schema, said, bound.IsMandatory, bound.IsWhole, bound.IsFile);
    }
}
