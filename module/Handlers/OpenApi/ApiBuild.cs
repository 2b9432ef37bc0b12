using System.Management.Automation;
using System.Text.Json.Nodes;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>
/// Makes the document in the runspace of a worker: types and attributes of handlers may be defined there alone, and their code
/// may be scripts.
/// </summary>
/// <param name="title">What the document is about.</param>
/// <param name="handlers">The handlers.</param>
internal sealed class ApiBuild(string title, IReadOnlyList<ApiHandler> handlers) : WorkItem, IScriptContext
{
    private readonly Dictionary<CallableScript, FunctionInfo?> _functions = [];

    /// <summary>The document, when it is made.</summary>
    public JsonObject? Document { get; private set; }

    public override bool HasAnswered => false;

    public object? This => null;

    public object? Request => null;

    public object? Response => null;

    public string? RequestId => null;

    public string? Client => null;

    public override void Execute(ScriptWorker worker)
    {
        // Functions are made outside of any pipeline, and are asked for their parameters within one.
        foreach (var script in handlers.Where(static handler => handler.IsShown).Select(static handler => handler.Script))
            _functions[script] = Find(worker, script);
        worker.Call(() => Document = new DocumentWriter(title, FunctionOf).Write(handlers), this);
    }

    public override void Watch(WorkerPool pool)
    {
        // It is made for all who ask for it: none of them ends it.
    }

    /// <summary>A handler whose parameters are of a type that is not there fails when it is called; the others do not.</summary>
    private static FunctionInfo? Find(ScriptWorker worker, CallableScript script)
    {
        try
        {
            return worker.Describe(script);
        }
        catch (RuntimeException exception)
        {
            worker.Warn($"The OpenAPI document does not tell the parameters of a handler: {ErrorText.Of(exception)}");
            return null;
        }
    }

    private FunctionInfo? FunctionOf(ApiHandler handler) => _functions.GetValueOrDefault(handler.Script);
}
