using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace Http.Server.PowerShell.Handlers;

/// <summary>Captures the values of <c>$using:</c> variables, in the form in which the engine hands them to a command that runs elsewhere.</summary>
internal static class UsingValues
{
    /// <summary>Captures the values as they are now.</summary>
    /// <param name="script">The scriptblock that uses them.</param>
    /// <param name="find">Finds a variable where the scriptblock was written; null if there is none.</param>
    /// <param name="missing">The first variable that there is none of; null if all are there.</param>
    /// <returns>The values by the engine's keys; null if there are none.</returns>
    public static Dictionary<string, object?>? Capture(ScriptBlock script, Func<string, PSVariable?> find, out string? missing)
    {
        missing = null;
        Dictionary<string, object?>? values = null;
        foreach (var node in script.Ast.FindAll(static node => node is UsingExpressionAst, searchNestedScriptBlocks: true))
        {
            if (((UsingExpressionAst)node).SubExpression is not VariableExpressionAst { VariablePath.UserPath: var name })
                continue;
            if (find(name) is not { } variable)
            {
                missing = name;
                return null;
            }

            (values ??= [])[Key(node)] = variable.Value;
        }

        return values;
    }

    /// <summary>The engine's key of a variable's use: its text in small letters, in Base64 of UTF-16.</summary>
    private static string Key(Ast use) => Convert.ToBase64String(Encoding.Unicode.GetBytes(use.ToString().ToLowerInvariant()));
}
