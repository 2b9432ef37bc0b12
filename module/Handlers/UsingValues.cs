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
            var use = (UsingExpressionAst)node;
            if (UsingExpressionAst.ExtractUsingVariable(use) is not { VariablePath.UserPath: var name } root)
                continue;
            if (find(name) is not { } variable)
            {
                missing = name;
                return null;
            }

            (values ??= [])[Key(use)] = use.SubExpression == root ? variable.Value : ValueOf(use.SubExpression, root, variable.Value);
        }

        return values;
    }

    /// <summary>The engine takes members and elements with the variable: <c>$using:a.b[0]</c> is one use. Only constants can follow.</summary>
    private static PSObject? ValueOf(Ast expression, Ast root, object? value)
    {
        var rest = expression.Extent.Text[(root.Extent.EndOffset - expression.Extent.StartOffset)..];
        // The comma keeps a list from being unrolled.
        return ScriptBlock.Create($"param($value) , ($value{rest})").Invoke(value) is [{ } result] ? result : null;
    }

    /// <summary>The engine's key of a use: its text in Base64 of UTF-16, in small letters if it is just a variable.</summary>
    private static string Key(UsingExpressionAst use)
    {
        var text = use.ToString();
        return Convert.ToBase64String(Encoding.Unicode.GetBytes(use.SubExpression is VariableExpressionAst ? text.ToLowerInvariant() : text));
    }
}
