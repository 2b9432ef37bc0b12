using System.Management.Automation;
using System.Management.Automation.Language;

namespace Http.Server.PowerShell.Engine;

/// <summary>
/// The one command of the pipeline that a worker keeps running, and the way to call handlers from within it: as a script would
/// call them, with the pipeline's streams.
/// </summary>
/// <remarks>
/// A pipeline of the engine costs more to begin and to end than most handlers take to run. The first call that does not simply
/// come to its end (an error, <c>exit</c>, a stop) ends the pipeline too, and with it what the engine may have kept of it.
/// </remarks>
internal sealed class KeptPipeline : PSCmdlet
{
    public const string Name = "Invoke-HttpHandler";

    /// <summary>
    /// The engine's own place for what stands in no script, a host's call say: an error has the place of the statement then.
    /// </summary>
    private static readonly IScriptExtent Nowhere = new ReflectionTypeName(typeof(object)).Extent;

    /// <summary>Whether a call has ended in another way than by its end: the pipeline is to end too.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>A command with its parameters as it stands in a script, to be called any number of times by one worker.</summary>
    /// <param name="command">The command.</param>
    /// <param name="table">A variable with a table of more parameters; null for none.</param>
    /// <param name="parameters">The parameters.</param>
    public static ScriptBlock CallOf(
        string command, string? table, params IEnumerable<(string Name, ExpressionAst Value)> parameters)
    {
        var elements = parameters.Select(static parameter =>
                (CommandElementAst)new CommandParameterAst(Nowhere, parameter.Name, parameter.Value, Nowhere))
            .Prepend(new StringConstantExpressionAst(Nowhere, command, StringConstantType.BareWord));
        if (table is not null)
            elements = elements.Append(new VariableExpressionAst(Nowhere, table, splatted: true));
        var call = new CommandAst(Nowhere, elements, TokenKind.Unknown, []);
        var statements = new StatementBlockAst(Nowhere, [new PipelineAst(Nowhere, call)], null);
        return new ScriptBlockAst(Nowhere, null, statements, isFilter: false).GetScriptBlock();
    }

    /// <summary>A value that is the same in each call.</summary>
    public static ExpressionAst Constant(object value) => new ConstantExpressionAst(Nowhere, value);

    /// <summary>What a global variable holds at each call.</summary>
    public static ExpressionAst Variable(string name) => new VariableExpressionAst(Nowhere, name, splatted: false);

    /// <summary>Calls a command. What it puts out goes to the pipeline's output as it comes.</summary>
    /// <param name="call">Made by <see cref="CallOf"/>.</param>
    public void Call(ScriptBlock call)
    {
        try
        {
            using var steps = call.GetSteppablePipeline(CommandOrigin.Runspace);
            steps.Begin(this);
            steps.Process();
            steps.End();
        }
        catch (FlowControlException)
        {
            // break, continue or exit, which end a script where there is nothing else to end.
            HasFailed = true;
        }
        catch
        {
            HasFailed = true;
            throw;
        }
    }

    /// <summary>
    /// Invokes a block, which costs a third of calling a command: the engine logs none and binds no parameters.
    /// </summary>
    /// <returns>What it put out.</returns>
    public IEnumerable<PSObject> Invoke(ScriptBlock block, params object?[] arguments)
    {
        try
        {
            return block.Invoke(arguments);
        }
        catch (FlowControlException)
        {
            // The debugger has ended it, for its calls are too deep.
            HasFailed = true;
            return [];
        }
        catch
        {
            HasFailed = true;
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => ScriptWorker.OfThisThread!.WorkInPipeline(this);
}
