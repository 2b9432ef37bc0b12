using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Completion;

namespace Http.Server.PowerShell;

/// <summary>
/// Completes as the engine does, and knows beyond it what <c>$Request</c>, <c>$Response</c>, <c>$this</c>, <c>$Session</c> and
/// <c>$Shared</c> are in the scriptblock of a handler. The session's function <c>TabExpansion2</c>, by which consoles and
/// editors complete, calls it while the module is imported.
/// </summary>
/// <remarks>
/// The engine infers the type of a variable from its assignments and from the session's variable of that name. Handlers have
/// neither, and variables in the session for the sake of Tab would be there for every script too.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class HandlerCompletion
{
    private const string Function = "TabExpansion2";
    private const string EnginesCall = "[System.Management.Automation.CommandCompletion]::CompleteInput(";
    private const string OwnCall = "[Http.Server.PowerShell.HandlerCompletion]::CompleteInput(";

    /// <summary>Completes a text, as <see cref="CommandCompletion.CompleteInput(string, int, Hashtable)"/> does.</summary>
    /// <param name="input">The text.</param>
    /// <param name="cursorIndex">Where the cursor is in it.</param>
    /// <param name="options">The engine's options; null for none.</param>
    public static CommandCompletion CompleteInput(string input, int cursorIndex, Hashtable? options) =>
        CompleteInHandler(Parser.ParseInput(input, out _, out _), input, cursorIndex, options) ??
        CommandCompletion.CompleteInput(input, cursorIndex, options);

    /// <summary>
    /// Completes a parsed text, as
    /// <see cref="CommandCompletion.CompleteInput(Ast, Token[], IScriptPosition, Hashtable)"/> does.
    /// </summary>
    /// <param name="ast">The text's tree.</param>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="positionOfCursor">Where the cursor is in it.</param>
    /// <param name="options">The engine's options; null for none.</param>
    public static CommandCompletion CompleteInput(Ast ast, Token[] tokens, IScriptPosition positionOfCursor, Hashtable? options)
    {
        ArgumentNullException.ThrowIfNull(ast);
        ArgumentNullException.ThrowIfNull(positionOfCursor);
        return CompleteInHandler(ast, positionOfCursor.GetFullScript(), positionOfCursor.Offset, options) ??
            CommandCompletion.CompleteInput(ast, tokens, positionOfCursor, options);
    }

    /// <summary>
    /// Has the session's function call this class. One that does not call the engine in the engine's own words is left
    /// as it is.
    /// </summary>
    internal static void Install() => Replace(EnginesCall, OwnCall);

    /// <summary>Has the session's function call the engine again.</summary>
    internal static void Uninstall() => Replace(OwnCall, EnginesCall);

    private static CommandCompletion? CompleteInHandler(Ast ast, string input, int cursorIndex, Hashtable? options)
    {
        if (HandlerScript.Find(ast, cursorIndex) is not { } handler)
            return null;
        var (text, cursor) = handler.Declare(input, cursorIndex);
        var completion = CommandCompletion.CompleteInput(text, cursor, options);
        // Positions behind the text that was put in move by its length.
        completion.ReplacementIndex -= cursor - cursorIndex;
        for (var index = completion.CompletionMatches.Count - 1; index >= 0; index--)
        {
            if (completion.CompletionMatches[index].CompletionText == HandlerScript.StandInForThis)
                completion.CompletionMatches.RemoveAt(index);
        }

        return completion;
    }

    private static void Replace(string call, string by)
    {
        if (Runspace.DefaultRunspace is null)
            return;
        using var shell = Shell.Create(RunspaceMode.CurrentRunspace);
        if (shell.AddScript("$ExecutionContext").Invoke() is not [{ BaseObject: EngineIntrinsics engine }])
            return;
        var items = engine.InvokeProvider.Item;
        if (items.Get("Function:" + Function) is [{ BaseObject: FunctionInfo { Definition: var definition } }] &&
            definition.Contains(call, StringComparison.Ordinal))
        {
            items.Set("Function:global:" + Function, ScriptBlock.Create(definition.Replace(call, by, StringComparison.Ordinal)));
        }
    }
}
