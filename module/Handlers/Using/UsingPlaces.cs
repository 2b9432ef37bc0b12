using System.Collections.Frozen;
using System.Management.Automation.Language;

namespace Http.Server.PowerShell.Handlers.Using;

/// <summary>Tells by a handler's text whose variable a <c>$using:</c> means.</summary>
internal static class UsingPlaces
{
    /// <summary>
    /// Commands whose blocks run elsewhere, or for which <c>$using:</c> is how a block reaches its caller's
    /// variables.
    /// </summary>
    private static readonly FrozenSet<string> Outside = FrozenSet.ToFrozenSet(
        [
            "Invoke-Command", "icm", "Start-Job", "sajb", "Start-ThreadJob", "Invoke-PSSession", "InlineScript", "Start-HttpTask",
            "Register-HttpTimer",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Loops = FrozenSet.ToFrozenSet(["ForEach-Object", "foreach", "%"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Commands that run their blocks in the place where they are called.</summary>
    private static readonly FrozenSet<string> Inside = FrozenSet.ToFrozenSet(
        [
            "Where-Object", "where", "?", "Sort-Object", "sort", "Group-Object", "group", "Select-Object", "select",
                "Measure-Object", "measure",
            "Measure-Command", "Format-Table", "ft", "Format-List", "fl", "Compare-Object", "compare", "diff",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whose variable a <c>$using:</c> means.</summary>
    /// <param name="use">The <c>$using:</c> expression.</param>
    /// <param name="handler">The handler that it stands in.</param>
    public static UsingPlace Of(Ast use, Ast handler)
    {
        var place = UsingPlace.Handler;
        for (var node = use; node is not null && node != handler; node = node.Parent)
        {
            if (node is not ScriptBlockExpressionAst block)
                continue;
            switch (Of(block))
            {
                case UsingPlace.Elsewhere:
                    return UsingPlace.Elsewhere;
                case UsingPlace.Unknown:
                    place = UsingPlace.Unknown;
                    break;
            }
        }

        return place;
    }

    private static UsingPlace Of(ScriptBlockExpressionAst block)
    {
        // -Parallel:{ } keeps the block in the parameter, an array or parentheses may stand between.
        Ast node = block;
        while (node.Parent is ArrayLiteralAst or ParenExpressionAst or CommandExpressionAst
            or PipelineAst { PipelineElements.Count: 1 })
            node = node.Parent;
        var parameter = node.Parent as CommandParameterAst;
        if ((parameter?.Parent ?? node.Parent) is not CommandAst command)
            return UsingPlace.Unknown;
        if (command.InvocationOperator is TokenKind.Ampersand or TokenKind.Dot && command.CommandElements[0] == node)
            return UsingPlace.Handler;
        if (command.GetCommandName() is not { } name)
            return UsingPlace.Unknown;
        name = name[(name.LastIndexOf('\\') + 1)..];
        if (Outside.Contains(name))
            return UsingPlace.Elsewhere;
        if (Inside.Contains(name))
            return UsingPlace.Handler;
        if (!Loops.Contains(name))
            return UsingPlace.Unknown;
        return command.CommandElements.Any(static element => element is CommandParameterAst { ParameterName: var name }
            && IsParallel(name))
            ? UsingPlace.Elsewhere
            : UsingPlace.Handler;
    }

    private static bool IsParallel(string parameter) =>
        parameter.Length > 1 && "Parallel".StartsWith(parameter, StringComparison.OrdinalIgnoreCase);
}
