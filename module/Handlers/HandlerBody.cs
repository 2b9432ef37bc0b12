using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// Makes the body of a handler from what the user wrote. An error that ends a statement (a command that is not found, a division
/// by zero, an exception of a method) would be told to the error stream and the script go on with its next statement, to answer
/// 200 with half of its work undone. Within <c>try</c> the engine ends the script, as people expect of a request that fails.
/// </summary>
internal static class HandlerBody
{
    // Since PowerShell 7.3; PowerShellStandard does not know it.
    private static readonly PropertyInfo? CleanBlock = typeof(ScriptBlockAst).GetProperty("CleanBlock");
    private static readonly ConstructorInfo? WithCleanBlock = typeof(ScriptBlockAst).GetConstructor(
        [
            typeof(IScriptExtent), typeof(IEnumerable<UsingStatementAst>), typeof(ParamBlockAst), typeof(NamedBlockAst),
                typeof(NamedBlockAst),
            typeof(NamedBlockAst), typeof(NamedBlockAst), typeof(NamedBlockAst),
        ]);

    // A script that sets ErrorActionPreference to SilentlyContinue means the errors of cmdlets. A request that fails is still
    // answered as failed.
    private static readonly CatchClauseAst Rethrow =
        (CatchClauseAst)ScriptBlock.Create("try { } catch { $ErrorActionPreference = 'Stop'; throw }").Ast
        .Find(static node => node is CatchClauseAst, searchNestedScriptBlocks: false);

    /// <summary>A copy whose blocks end with their first such error. The positions in the script stay what they are.</summary>
    public static ScriptBlockAst Make(ScriptBlockAst script)
    {
        // A block knows the namespaces of the file that it was written in.
        var around = script.Parent is null ? [] : ClassScript.RootOf(script)
            .UsingStatements.Where(static statement => statement.UsingStatementKind == UsingStatementKind.Namespace);
        var usings = script.UsingStatements.Concat(around).Select(Copy).ToArray();
        var parameters = (ParamBlockAst?)script.ParamBlock?.Copy();
        NamedBlockAst? begin = Guard(script.BeginBlock), process = Guard(script.ProcessBlock), end = Guard(script.EndBlock);
        var dynamicParameters = (NamedBlockAst?)script.DynamicParamBlock?.Copy();
        if (CleanBlock?.GetValue(script) is not NamedBlockAst clean || WithCleanBlock is null)
            return new ScriptBlockAst(script.Extent, usings, parameters, begin, process, end, dynamicParameters);
        return (ScriptBlockAst)WithCleanBlock.Invoke([script.Extent, usings, parameters, begin, process, end, clean.Copy(),
            dynamicParameters]);
    }

    // The engine's own copying forgets to copy the name.
    private static UsingStatementAst Copy(UsingStatementAst statement) => statement.ModuleSpecification is { } module
        ? new UsingStatementAst(statement.Extent, (HashtableAst)module.Copy())
        : new UsingStatementAst(statement.Extent, statement.UsingStatementKind,
            (StringConstantExpressionAst)statement.Name.Copy());

    private static NamedBlockAst? Guard(NamedBlockAst? block)
    {
        if (block is null)
            return null;
        var extent = block.Extent;
        // The traps of the block are put before its statements.
        var body = new StatementBlockAst(
            extent, block.Statements.Select(static statement => (StatementAst)statement.Copy()),
                block.Traps?.Select(static trap => (TrapStatementAst)trap.Copy()));
        var guarded = new TryStatementAst(extent, body, [(CatchClauseAst)Rethrow.Copy()], null);
        return new NamedBlockAst(extent, block.BlockKind, new StatementBlockAst(extent, [guarded], null), block.Unnamed);
    }
}
