using System.Management.Automation.Language;
using System.Reflection;

namespace Http.Server.PowerShell.Engine.Scripts;

/// <summary>
/// Copies of the tree of a script. The engine writes into a tree while it compiles it, and guards that by a lock of the
/// scriptblock alone: two scriptblocks of one tree that are first called at the same time, in two runspaces, fail with
/// "Variable is not assigned in the method" or "Operation is not valid". So each worker is given a tree of its own.
/// </summary>
internal static class TreeCopy
{
    // Since PowerShell 7.3; PowerShellStandard does not know it.
    private static readonly PropertyInfo? CleanBlock = typeof(ScriptBlockAst).GetProperty("CleanBlock");
    private static readonly ConstructorInfo? WithCleanBlock = typeof(ScriptBlockAst).GetConstructor(
        [
            typeof(IScriptExtent), typeof(IEnumerable<UsingStatementAst>), typeof(ParamBlockAst), typeof(NamedBlockAst),
                typeof(NamedBlockAst),
            typeof(NamedBlockAst), typeof(NamedBlockAst), typeof(NamedBlockAst),
        ]);

    /// <summary>
    /// Copies a script, which defines no classes: a copy would name those of the original. The positions stay what they are,
    /// and the copy knows the namespaces of the file that the script was written in.
    /// </summary>
    /// <param name="script">The tree; it is only read.</param>
    /// <param name="copyBlock">Copies a begin, process or end block.</param>
    /// <param name="copyParameters">Copies the parameters; null to copy them as they are.</param>
    public static ScriptBlockAst Of(ScriptBlockAst script, Func<NamedBlockAst, NamedBlockAst> copyBlock,
        Func<ParamBlockAst, ParamBlockAst>? copyParameters = null)
    {
        var around = script.Parent is null ? [] : ClassScript.RootOf(script)
            .UsingStatements.Where(static statement => statement.UsingStatementKind == UsingStatementKind.Namespace);
        var usings = script.UsingStatements.Concat(around).Select(Copy).ToArray();
        var parameters = script.ParamBlock is not { } written ? null
            : copyParameters is null ? (ParamBlockAst)written.Copy() : copyParameters(written);
        var begin = script.BeginBlock is null ? null : copyBlock(script.BeginBlock);
        var process = script.ProcessBlock is null ? null : copyBlock(script.ProcessBlock);
        var end = script.EndBlock is null ? null : copyBlock(script.EndBlock);
        var dynamicParameters = (NamedBlockAst?)script.DynamicParamBlock?.Copy();
        if (CleanBlock?.GetValue(script) is not NamedBlockAst clean || WithCleanBlock is null)
            return new ScriptBlockAst(script.Extent, usings, parameters, begin, process, end, dynamicParameters);
        return (ScriptBlockAst)WithCleanBlock.Invoke([script.Extent, usings, parameters, begin, process, end, clean.Copy(),
            dynamicParameters]);
    }

    /// <summary>Copies a script as it is; one that defines classes is read anew.</summary>
    public static ScriptBlockAst Of(ScriptBlockAst script) =>
        ClassScript.Read(script)?.Make() ?? Of(script, static block => (NamedBlockAst)block.Copy());

    // The engine's own copying forgets to copy the name.
    private static UsingStatementAst Copy(UsingStatementAst statement) => statement.ModuleSpecification is { } module
        ? new UsingStatementAst(statement.Extent, (HashtableAst)module.Copy())
        : new UsingStatementAst(statement.Extent, statement.UsingStatementKind,
            (StringConstantExpressionAst)statement.Name.Copy());
}
