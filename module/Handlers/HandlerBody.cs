using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Engine.Scripts;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// Makes the body of a handler from what the user wrote. An error that ends a statement (a command that is not found, a division
/// by zero, an exception of a method) would be told to the error stream and the script go on with its next statement, to answer
/// 200 with half of its work undone. Within <c>try</c> the engine ends the script, as people expect of a request that fails.
/// </summary>
internal static class HandlerBody
{
    // A script that sets ErrorActionPreference to SilentlyContinue means the errors of cmdlets. A request that fails is still
    // answered as failed.
    private static readonly CatchClauseAst Rethrow =
        (CatchClauseAst)ScriptBlock.Create("try { } catch { $ErrorActionPreference = 'Stop'; throw }").Ast
        .Find(static node => node is CatchClauseAst, searchNestedScriptBlocks: false);

    /// <summary>A copy whose blocks end with their first such error. The positions in the script stay what they are.</summary>
    public static ScriptBlockAst Make(ScriptBlockAst script) => TreeCopy.Of(script, Guard);

    private static NamedBlockAst Guard(NamedBlockAst block)
    {
        var extent = block.Extent;
        // The traps of the block are put before its statements.
        var body = new StatementBlockAst(
            extent, block.Statements.Select(static statement => (StatementAst)statement.Copy()),
                block.Traps?.Select(static trap => (TrapStatementAst)trap.Copy()));
        var guarded = new TryStatementAst(extent, body, [(CatchClauseAst)Rethrow.Copy()], null);
        return new NamedBlockAst(extent, block.BlockKind, new StatementBlockAst(extent, [guarded], null), block.Unnamed);
    }
}
