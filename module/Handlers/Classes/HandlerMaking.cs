using System.Reflection;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.Classes;

/// <summary>A handler of a PowerShell class on its way through its constructor, whose script may do what scripts do.</summary>
/// <param name="type">The class.</param>
internal sealed class HandlerMaking(Type type) : WorkItem
{
    /// <summary>The handler, once it is made.</summary>
    public BaseHttpRequestHandler? Made { get; private set; }

    public override bool HasAnswered => false;

    public override void Execute(ScriptWorker worker) => worker.RunAsCommand(Make);

    public override void Watch(WorkerPool pool)
    {
        // The time limit is all that ends it: the request has not been read yet.
    }

    private void Make()
    {
        try
        {
            Made = (BaseHttpRequestHandler)Activator.CreateInstance(type)!;
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } own)
        {
            throw own;
        }
    }
}
