using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine.Scripts;

/// <summary>A handler's scriptblock as workers call it: each makes a function of its own from it.</summary>
internal sealed class CallableScript
{
    private readonly ScriptBlock _written;
    private readonly ScriptBlockAst _tree;
    private readonly Func<ScriptBlockAst, ScriptBlockAst> _make;

    /// <param name="id">A number that no other script of the process has: it names the workers' functions.</param>
    /// <param name="written">The scriptblock as it was registered.</param>
    /// <param name="make">Makes a new body that is called of the body that was written, if that defines no classes.</param>
    /// <param name="parameters">What its parameters are given.</param>
    public CallableScript(int id, ScriptBlock written, Func<ScriptBlockAst, ScriptBlockAst> make, ScriptParameters parameters)
    {
        (Id, _written, _make) = (id, written, make);
        _tree = written.Ast as ScriptBlockAst ?? ((FunctionDefinitionAst)written.Ast).Body;
        Inspection = new ScriptInspection(_tree);
        ClassScript = ClassScript.Read(_tree);
        Parameters = parameters;
        IsPlainBlock = written.Ast == _tree && IsPlain(_tree, parameters)
            && !Inspection.Commands.Contains("Write-Error");
    }

    public int Id { get; }

    /// <summary>The script as it was registered, with the comments around it.</summary>
    public Ast Written => _written.Ast;

    /// <summary>The name of the function; one of a script with classes is followed by more.</summary>
    public string Name => "HttpHandler" + Id;

    /// <summary>The body, if it defines classes: another function is called in its place then, which calls it.</summary>
    public ClassScript? ClassScript { get; }

    public ScriptInspection Inspection { get; }

    /// <summary>What its parameters are given.</summary>
    public ScriptParameters Parameters { get; }

    /// <summary>
    /// It does the same when it is invoked as a block, which costs a third of calling it as a command: it has nothing that is
    /// for commands alone, and nothing that ends more than itself.
    /// </summary>
    public bool IsPlainBlock { get; }

    /// <summary>The values of <c>$using:</c> as they were at registration; null if there are none.</summary>
    public IDictionary? SessionValues { get; init; }

    /// <summary>The handler has been unregistered, or replaced: no worker needs its function any more.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Where the script puts out its answer, as far as its text tells: its last statement.</summary>
    public string Place => ErrorText.PlaceOf(
        (_tree.EndBlock ?? _tree.ProcessBlock) is { Statements: [.., var last] } ? last.Extent : _written.Ast.Extent);

    /// <summary>Makes the body of one worker's function, with a tree that no other worker has.</summary>
    public ScriptBlock MakeBody() => (ClassScript?.Make() ?? _make(_tree)).GetScriptBlock();

    /// <summary>A line of the file that the script was written in, with its text; null if the line is of another.</summary>
    public string? PlaceOf(string? file, int line)
    {
        var extent = _written.Ast.Extent;
        var lines = extent.StartScriptPosition.GetFullScript().Split('\n');
        return file == extent.File && line >= extent.StartLineNumber && line <= Math.Min(extent.EndLineNumber, lines.Length)
            ? ErrorText.PlaceOf(file, line, lines[line - 1])
            : null;
    }

    /// <summary>
    /// Makes the block of one worker that <see cref="IsPlainBlock">plain scripts</see> are invoked as, with values that have been
    /// checked; null if that is the body itself.
    /// </summary>
    public ScriptBlock? MakeBlock() => UncheckedBody.IsOf(_tree, Inspection.Assigned)
        ? UncheckedBody.Make(_make(_tree), Inspection.Assigned).GetScriptBlock()
        : null;

    private static bool IsPlain(ScriptBlockAst script, ScriptParameters parameters) =>
        (parameters.MakeBinder is null
            ? script.ParamBlock is null
                or { Attributes.Count: 0, Parameters: [] or [{ Attributes.Count: 0, DefaultValue: null }] }
            : parameters.MayBeInOrder && script.ParamBlock.Attributes.Count == 0)
        && script.Find(
            node => (node is NamedBlockAst && node.Parent == script && node != script.EndBlock)
                || EndsMore(node, script) || IsOfCommand(node, script),
            searchNestedScriptBlocks: true) is null;

    /// <summary>
    /// It may end what is around the script, and lose what that has put out; or, as <c>trap</c> does, look at what is around.
    /// </summary>
    private static bool EndsMore(Ast node, Ast script) => node switch
    {
        ExitStatementAst or TrapStatementAst => true,
        BreakStatementAst { Label: not null } or ContinueStatementAst { Label: not null } => true,
        BreakStatementAst or ContinueStatementAst => !IsWithin<LabeledStatementAst>(node, script),
        _ => false,
    };

    /// <summary>The variables of a command: what it was called with, and what came by the pipeline.</summary>
    private static bool IsOfCommand(Ast node, Ast script) => node is VariableExpressionAst { VariablePath.UserPath: var name }
        && name.ToUpperInvariant() switch
        {
            "PSBOUNDPARAMETERS" or "INPUT" or "ARGS" => true,
            "_" or "PSITEM" => !IsWithin<CatchClauseAst>(node, script) && !IsWithin<SwitchStatementAst>(node, script)
                && !IsWithin<ScriptBlockAst>(node, script),
            _ => false,
        };

    /// <summary>Something of a kind is around a node, within the same block.</summary>
    private static bool IsWithin<T>(Ast node, Ast script)
        where T : Ast
    {
        for (var around = node.Parent; around is not null && around != script; around = around.Parent)
        {
            if (around is T)
                return true;
            if (around is ScriptBlockAst)
                return false;
        }

        return false;
    }
}
