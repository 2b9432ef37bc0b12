using System.Management.Automation.Language;
using System.Text;
using Http.Server.PowerShell.Handlers.WebSockets;

namespace Http.Server.PowerShell.Completion;

/// <summary>A handler's scriptblock in a text that is being written.</summary>
/// <param name="script">The scriptblock.</param>
/// <param name="isOfWebSocket">It is one of a handler for the method WEBSOCKET.</param>
internal sealed class HandlerScript(ScriptBlockAst script, bool isOfWebSocket)
{
    /// <summary>
    /// Takes the place of <c>$this</c>, which the engine knows in classes alone and does not look for elsewhere. It is as long.
    /// </summary>
    public const string StandInForThis = "$t_is";

    private static readonly string Variables =
        $" [{typeof(ScriptRequest)}]$Request = $null; [{typeof(ScriptResponse)}]$Response = $null; " +
        $"[{typeof(HttpSharedTable)}]$Shared = $null; [{typeof(HttpSessionTable)}]$Session = $null; " +
        $"[{typeof(ScriptHttpRequestHandler)}]{StandInForThis} = $null; ";

    private static readonly string SocketVariables =
        $" [{typeof(ScriptRequest)}]$Request = $null; [{typeof(HttpSharedTable)}]$Shared = $null; " +
        $"[{typeof(ScriptWebSocket)}]{StandInForThis} = $null; ";

    /// <summary>
    /// The outermost scriptblock around the cursor that is an argument of Register-HttpHandler, or is piped to
    /// it.
    /// </summary>
    /// <returns>Null if the cursor is in none, or among its parameters.</returns>
    public static HandlerScript? Find(Ast ast, int cursorIndex) =>
        ast.Find(found => found is ScriptBlockExpressionAst block && IsIn(block, cursorIndex)
            && FindRegistration(block) is not null, searchNestedScriptBlocks: true)
            is ScriptBlockExpressionAst { ScriptBlock: var script } found
                && (script.ParamBlock is null || cursorIndex > script.ParamBlock.Extent.EndOffset)
                ? new HandlerScript(script, FindRegistration(found)!.CommandElements.Any(IsSocketMethod))
                : null;

    /// <summary>The text with the types of a handler's variables put in, and the cursor's place in that.</summary>
    public (string Text, int CursorIndex) Declare(string text, int cursorIndex)
    {
        var declared = new StringBuilder(text);
        foreach (var variable in script.FindAll(IsThis, searchNestedScriptBlocks: true).Select(static found => found.Extent))
        {
            // The class that is being written is completed under its own name.
            if (cursorIndex > variable.EndOffset || cursorIndex <= variable.StartOffset)
                declared.Remove(variable.StartOffset, StandInForThis.Length).Insert(variable.StartOffset, StandInForThis);
        }

        var declarations = isOfWebSocket ? SocketVariables : Variables + DeclareParameter();
        declared.Insert(PlaceOf(cursorIndex), declarations);
        return (declared.ToString(), cursorIndex + declarations.Length);
    }

    /// <summary>The first parameter takes the request; one of the request's own name has been declared.</summary>
    private string DeclareParameter() =>
        script.ParamBlock?.Parameters is [{ StaticType: var type, Name.VariablePath: var first }, ..] && type == typeof(object)
            ? $"[{typeof(ScriptRequest)}]${{{first.UserPath}}} = $null; "
            : "";

    private static bool IsIn(ScriptBlockExpressionAst block, int cursorIndex)
    {
        var extent = block.Extent;
        // A block that is not closed yet goes to the end of the text.
        var end = extent.Text is { Length: > 1 } && extent.Text[^1] == '}' ? extent.EndOffset - 1 : extent.EndOffset;
        return cursorIndex > extent.StartOffset && cursorIndex <= end;
    }

    /// <summary>The command that a block is an argument of, or is piped to; null if it is none that registers handlers.</summary>
    private static CommandAst? FindRegistration(Ast block)
    {
        for (var around = block.Parent; around is not null; around = around.Parent)
        {
            if (around is PipelineAst { PipelineElements: var elements }
                && elements.OfType<CommandAst>().FirstOrDefault(IsRegistration) is { } command)
                return command;
        }

        return null;
    }

    private static bool IsSocketMethod(Ast argument) => argument is StringConstantExpressionAst { Value: var value }
        && value.Equals(SocketScripts.Method, StringComparison.OrdinalIgnoreCase);

    private static bool IsRegistration(CommandAst command) =>
        command.GetCommandName() is { } name
            && name[(name.LastIndexOf('\\') + 1)..].Equals("Register-HttpHandler", StringComparison.OrdinalIgnoreCase);

    private static bool IsThis(Ast ast) =>
        ast is VariableExpressionAst { Splatted: false } variable
            && variable.Extent.Text.Equals("$this", StringComparison.OrdinalIgnoreCase) && !IsInClass(variable);

    private static bool IsInClass(Ast ast)
    {
        for (var around = ast.Parent; around is not null; around = around.Parent)
        {
            if (around is TypeDefinitionAst)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Where statements may stand before the cursor: at the beginning of the block, or of its begin, process or
    /// end.
    /// </summary>
    private int PlaceOf(int cursorIndex)
    {
        foreach (var block in new[] { script.BeginBlock, script.ProcessBlock, script.EndBlock })
        {
            if (block is { Unnamed: false } && block.Extent.StartOffset < cursorIndex && cursorIndex <= block.Extent.EndOffset)
                return block.Extent.StartOffset + block.Extent.Text.IndexOf('{', StringComparison.Ordinal) + 1;
        }

        return script.ParamBlock?.Extent.EndOffset ?? script.Extent.StartOffset + 1;
    }
}
