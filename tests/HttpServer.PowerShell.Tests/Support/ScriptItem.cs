using System.Management.Automation;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A script for a worker, without a request around it.</summary>
internal sealed class ScriptItem(HttpHandler handler) : WorkItem, IScriptContext
{
    public ScriptItem(string script)
        : this(HandlerOf(script))
    {
    }

    public object This { get; init; } = new();

    public object? Request { get; init; }

    public object? Response { get; init; }

    public string RequestId { get; } = Guid.NewGuid().ToString("N");

    public string Client => "192.0.2.1";

    public override bool HasAnswered => false;

    /// <summary>What the script put out.</summary>
    public IReadOnlyList<object?> Output { get; private set; } = [];

    public static HttpHandler HandlerOf(string script) => new("", ["GET"], null, null, ScriptBlock.Create(script));

    // The list is the worker's own, and is emptied for the next.
    public override void Execute(ScriptWorker worker) => Output = [.. worker.Call(handler, this).Select(static value => value?.BaseObject)];

    public override void Watch(WorkerPool pool)
    {
    }
}
