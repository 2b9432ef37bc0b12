using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.Classes;

/// <summary>A request on its way through a method of a class.</summary>
internal sealed class ClassCall(BaseHttpRequestHandler handler, Func<ValueTask> answer) : WatchedItem(handler), IScriptContext
{
    public object This => Connection;

    public object? Request => null;

    public object? Response => null;

    public string RequestId => Connection.RequestId;

    public string Client => Connection.AddressString();

    public override void Execute(ScriptWorker worker) => worker.Call(() => answer().AsTask().GetAwaiter().GetResult(), this);
}
