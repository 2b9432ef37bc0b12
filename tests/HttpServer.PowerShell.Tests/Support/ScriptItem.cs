using System.Collections;
using System.Management.Automation;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Binding;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A script for a worker, without a request around it.</summary>
internal sealed class ScriptItem(CallableScript script) : WorkItem, IScriptContext
{
    private static int LastId;

    public ScriptItem(string text)
        : this(ScriptOf(text))
    {
    }

    public override CallableScript? Script => script;

    public object This { get; init; } = new();

    public object? Request { get; init; }

    public object? Response { get; init; }

    public string RequestId { get; } = Guid.NewGuid().ToString("N");

    public string Client => "192.0.2.1";

    public override bool HasAnswered => false;

    /// <summary>What the script put out.</summary>
    public IReadOnlyList<object?> Output { get; private set; } = [];

    public static CallableScript ScriptOf(string text, IDictionary? sessionValues = null) =>
        ScriptOf(ScriptBlock.Create(text), sessionValues);

    private static CallableScript ScriptOf(ScriptBlock script, IDictionary? sessionValues) => new(
        Interlocked.Increment(ref LastId), script, HandlerBody.Make, ParameterRoles.Read(script.Ast, [], hasBody: true))
    {
        SessionValues = sessionValues,
    };

    /// <summary>It has been called in the pipeline that a worker keeps.</summary>
    public bool RanInPipeline { get; private set; }

    public override void Execute(ScriptWorker worker)
    {
        RanInPipeline = worker.IsInPipeline;
        // The list is the worker's own, and is emptied for the next.
        Output = [.. worker.Call(script, this).Select(static value => value?.BaseObject)];
    }

    public override void Watch(WorkerPool pool)
    {
    }
}
