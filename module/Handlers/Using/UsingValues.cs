using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;

namespace Http.Server.PowerShell.Handlers.Using;

/// <summary>
/// Captures the values of <c>$using:</c> variables, in the form in which the engine hands them to a command that runs
/// elsewhere.
/// </summary>
/// <remarks>
/// In a block that the handler itself hands on to run elsewhere (<c>ForEach-Object -Parallel</c>, <c>Start-ThreadJob</c>),
/// <c>$using:</c> means the handler's own variable: the engine looks for it there when the handler runs.
/// </remarks>
internal static class UsingValues
{
    /// <summary>Captures the values as they are now.</summary>
    /// <param name="script">The scriptblock that uses them.</param>
    /// <param name="find">Finds a variable where the scriptblock was written; null if there is none.</param>
    /// <param name="missing">The first variable that there is none of; null if all are there.</param>
    /// <returns>The values by the engine's keys; null if there are none.</returns>
    public static UsingTable? Capture(ScriptBlock script, Func<VariablePath, PSVariable?> find, out string? missing)
    {
        missing = null;
        var values = new UsingTable();
        foreach (var node in script.Ast.FindAll(static node => node is UsingExpressionAst, searchNestedScriptBlocks: true))
        {
            // The engine permits constant members and elements after the variable, and nothing else.
            var expression = ((UsingExpressionAst)node).SubExpression;
            var root = (VariableExpressionAst)expression.Find(static node => node is VariableExpressionAst,
                searchNestedScriptBlocks: false);
            var members = expression.Extent.Text[(root.Extent.EndOffset - expression.Extent.StartOffset)..];
            var key = Key(node, members.Length > 0);
            var place = UsingPlaces.Of(node, script.Ast);
            if (place == UsingPlace.Elsewhere)
            {
                values.AddOwn(key, root.VariablePath.UserPath, members);
            }
            else if (find(root.VariablePath) is { } variable)
            {
                values.Add(key, members.Length > 0 ? UsingTable.MemberOf(variable.Value, members) : variable.Value);
            }
            else if (place == UsingPlace.Unknown)
            {
                values.AddOwn(key, root.VariablePath.UserPath, members);
            }
            else
            {
                missing = root.VariablePath.UserPath;
                return null;
            }
        }

        return values.IsEmpty ? null : values;
    }

    /// <summary>The engine's key of a use: its text, that of a variable alone in small letters, in Base64 of UTF-16.</summary>
    private static string Key(Ast use, bool hasMembers) =>
        Convert.ToBase64String(Encoding.Unicode.GetBytes(hasMembers ? use.ToString() : use.ToString().ToLowerInvariant()));
}
