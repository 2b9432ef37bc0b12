using System.Management.Automation;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers.Json;

namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// What a handler does, done by a worker before its first request: much of the engine is compiled at its first use, which would
/// take more than half of the time of the first answer. No request, log or figure of the server tells of it.
/// </summary>
internal sealed class Rehearsal : WorkItem, IScriptContext
{
    private readonly CallableScript _script;

    private Rehearsal(string text) =>
        _script = new CallableScript(0, ScriptBlock.Create(text), HandlerBody.Make, new ScriptParameters());

    public override CallableScript? Script => _script;

    /// <summary>The time of the handlers does not run.</summary>
    public override bool HasAnswered => true;

    public object This => this;

    public object? Request => null;

    public object? Response => null;

    public string RequestId => "";

    public string Client => "";

    /// <summary>Most handlers are like the first. A request that comes meanwhile waits for one of them at most.</summary>
    /// <param name="hasScripts">
    /// The runspace has scripts of the server's user, which may have given commands another meaning: none is called.
    /// </param>
    public static IEnumerable<WorkItem> All(bool hasScripts)
    {
        yield return new Rehearsal("'text'; @{ name = 'value' }");
        if (!hasScripts)
            yield return new Rehearsal("& { param([int] $Depth) Get-Variable HOME -ValueOnly | ConvertTo-Json -Depth $Depth } 1");
    }

    public override void Execute(ScriptWorker worker)
    {
        // Its function is removed when the worker makes the next one.
        _script.IsRemoved = true;
        JsonOutput.Write(JsonNodes.Join([.. worker.Call(_script, this)]), worker);
    }

    public override void Watch(WorkerPool pool)
    {
    }
}
