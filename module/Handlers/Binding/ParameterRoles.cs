using System.Collections.ObjectModel;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Engine.Arguments;

namespace Http.Server.PowerShell.Handlers.Binding;

/// <summary>
/// Reads from a handler's text which of its parameters takes the request, and which are bound by their names. It does so once,
/// at the registration.
/// </summary>
/// <remarks>
/// <c>$Request</c> and a parameter of its type take the request. So does one that stands alone and says nothing but its name,
/// <c>param($r)</c>, unless the path has a placeholder of that name. All others are bound.
/// </remarks>
internal static class ParameterRoles
{
    private const string RequestName = "Request";

    /// <summary>Reads the parameters.</summary>
    /// <param name="written">The handler as it was written.</param>
    /// <param name="placeholders">The names that its path gives values.</param>
    /// <param name="hasBody">The body has come when it is called, and may be bound.</param>
    public static ScriptParameters Read(Ast written, IReadOnlyCollection<string> placeholders, bool hasBody)
    {
        var all = Of(written);
        var request = all.FirstOrDefault(static parameter => Is(NameOf(parameter), RequestName))
            ?? all.FirstOrDefault(static parameter => typeof(IRequestValues).IsAssignableFrom(parameter.StaticType))
            ?? (all is [{ Attributes.Count: 0, DefaultValue: null } alone] && !placeholders.Any(name => Is(name, NameOf(alone)))
                ? alone : null);
        var bound = all.Where(parameter => parameter != request).Select(NameOf).ToArray();
        var name = request is null ? null : NameOf(request);
        var mayBeInOrder = bound.Length > 0 && BlockArguments.AreSuitable(all);
        return new ScriptParameters
        {
            Request = name,
            Names = bound,
            MayBeInOrder = mayBeInOrder,
            MakeBinder = bound.Length == 0 ? null : metadata => new ParameterBinder(
                [.. bound.Where(metadata.ContainsKey).Select(name => new BoundParameter(metadata[name]))], hasBody,
                mayBeInOrder ? new BlockArguments(all, name, metadata) : null),
        };
    }

    /// <summary>The first parameter that would make a script of a client's text; null if there is none.</summary>
    public static string? FindScript(Ast written) =>
        Of(written).FirstOrDefault(static parameter => BoundParameter.IsScript(parameter.StaticType)) is { } script
            ? NameOf(script) : null;

    /// <summary>The first parameter whose type the script itself defines; null if there is none.</summary>
    public static string? FindOwnClass(Ast written)
    {
        var classes = written.FindAll(static node => node is TypeDefinitionAst, searchNestedScriptBlocks: true)
            .Select(static node => ((TypeDefinitionAst)node).Name).ToArray();
        return classes.Length > 0 && Of(written).FirstOrDefault(parameter => parameter.Attributes.OfType<TypeConstraintAst>()
            .Any(type => classes.Any(name => Is(name, type.TypeName.Name.TrimEnd('[', ']'))))) is { } own ? NameOf(own) : null;
    }

    /// <summary>The parameters as they are written.</summary>
    public static ReadOnlyCollection<ParameterAst> Of(Ast written) => written switch
    {
        ScriptBlockAst { ParamBlock.Parameters: var own } => own,
        FunctionDefinitionAst { Body.ParamBlock.Parameters: var own } => own,
        FunctionDefinitionAst { Parameters: { } own } => own,
        _ => ReadOnlyCollection<ParameterAst>.Empty,
    };

    /// <summary>The name of a parameter.</summary>
    public static string NameOf(ParameterAst parameter) => parameter.Name.VariablePath.UserPath;

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
