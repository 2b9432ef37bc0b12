using System.Management.Automation;
using System.Management.Automation.Language;

namespace Http.Server.PowerShell.Engine.Scripts;

/// <summary>
/// The body of a handler without the checks of its parameters (<c>[ValidateSet()]</c> and the like), for a call whose values have
/// been checked. The engine keeps a parameter with checks as a variable of the session, which costs 3 microseconds a call, and
/// checks it once more. A parameter that the script assigns keeps its checks: they hold for what is assigned, too.
/// </summary>
internal static class UncheckedBody
{
    /// <summary>Whether there is a check to leave out.</summary>
    /// <param name="script">The script.</param>
    /// <param name="assigned">The variables that the script may assign.</param>
    public static bool IsOf(ScriptBlockAst script, IReadOnlySet<string> assigned) =>
        script.ParamBlock?.Parameters.Any(parameter => parameter.Attributes.Any(
            attribute => IsLeftOut(attribute, parameter, assigned))) == true;

    /// <summary>Makes such a body.</summary>
    /// <param name="body">The body with its checks.</param>
    /// <param name="assigned">The variables that the script may assign.</param>
    public static ScriptBlockAst Make(ScriptBlockAst body, IReadOnlySet<string> assigned) =>
        TreeCopy.Of(body, static block => (NamedBlockAst)block.Copy(), written => new ParamBlockAst(
            written.Extent, written.Attributes.Select(static attribute => (AttributeAst)attribute.Copy()),
            written.Parameters.Select(parameter => Make(parameter, assigned))));

    private static ParameterAst Make(ParameterAst parameter, IReadOnlySet<string> assigned) => new(
        parameter.Extent, (VariableExpressionAst)parameter.Name.Copy(),
        parameter.Attributes.Where(attribute => !IsLeftOut(attribute, parameter, assigned))
            .Select(static attribute => (AttributeBaseAst)attribute.Copy()),
        (ExpressionAst?)parameter.DefaultValue?.Copy());

    private static bool IsLeftOut(AttributeBaseAst attribute, ParameterAst parameter, IReadOnlySet<string> assigned) =>
        attribute is AttributeAst && !assigned.Contains(parameter.Name.VariablePath.UserPath)
        && typeof(ValidateArgumentsAttribute).IsAssignableFrom(attribute.TypeName.GetReflectionAttributeType());
}
