using System.Reflection;
using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers.Classes;

/// <summary>
/// Makes and runs handlers of a class, a PowerShell class mostly. Such a class is bound to no runspace if its object is made
/// where the class is not defined; its methods then run in the runspace of the thread that calls them, so any worker may call
/// them, many at a time.
/// </summary>
internal sealed class ClassHandlers : IAsyncDisposable
{
    private readonly Type _type;
    private readonly Action<BaseHttpRequestHandler> _configure;
    private readonly WorkerPool _workers;
    private readonly WorkerPool? _makers;
    private readonly HashSet<string> _ownMethods = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _hasOtherCode;

    /// <exception cref="WorkerStartException">The class is no handler, or has no constructor without parameters.</exception>
    /// <param name="type">The class.</param>
    /// <param name="configure">Gives a new handler the server's settings.</param>
    /// <param name="workers">The threads and runspaces that its code runs in.</param>
    public ClassHandlers(Type type, Action<BaseHttpRequestHandler> configure, WorkerPool workers)
    {
        (_type, _configure, _workers) = (type, configure, workers);
        // What compiled classes do needs no runspace.
        if (!type.Assembly.IsDynamic)
            return;
        // A constructor is a script like others, and may fail, not end, or call itself. It has workers of its own: a client is
        // not to wait for handlers before its request has been read. One is enough, and has nothing to load.
        var setup = new WorkerSetup { Log = workers.Setup.Log, Location = workers.Setup.Location, Opened = workers.Setup.Opened };
        _makers = new WorkerPool(setup, 1, int.MaxValue, workers.HandlerTimeout);
        _makers.Warm();
        for (var level = type; level is { Assembly.IsDynamic: true }; level = level.BaseType)
        {
            foreach (var method in level.GetMethods(
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            {
                if (method.Name.StartsWith("Do", StringComparison.OrdinalIgnoreCase))
                    _ownMethods.Add(method.Name[2..]);
                else if (typeof(BaseHttpRequestHandler).IsAssignableFrom(method.GetBaseDefinition().DeclaringType)
                    && method.GetBaseDefinition() != method)
                    _hasOtherCode = true;
            }
        }
    }

    /// <summary>Makes the handler of a connection.</summary>
    public BaseHttpRequestHandler Create()
    {
        var handler = Make();
        handler.RequestInvoker = InvokeAsync;
        handler.OverridesNeedInvoker = _hasOtherCode;
        _configure(handler);
        return handler;
    }

    /// <summary>Has a request answered by a worker if code of the class may take part, else on this thread.</summary>
    public ValueTask InvokeAsync(BaseHttpRequestHandler handler, Func<ValueTask> answer)
    {
        if (_makers is not null && (_hasOtherCode || _ownMethods.Contains(handler.Command)))
            return RunAsync(handler, answer);
        return ScriptWorker.IsCurrentThread ? AnswerElsewhereAsync(answer) : answer();
    }

    public ValueTask DisposeAsync() => _makers?.DisposeAsync() ?? default;

    private BaseHttpRequestHandler Make()
    {
        if (_makers is null)
            return (BaseHttpRequestHandler)Activator.CreateInstance(_type)!;
        var making = new HandlerMaking(_type);
        try
        {
            _makers.RunAsync(making).AsTask().GetAwaiter().GetResult();
            return making.Made!;
        }
        catch (Exception exception)
        {
            return new UnmadeHandler(exception);
        }
    }

    private async ValueTask RunAsync(BaseHttpRequestHandler handler, Func<ValueTask> answer)
    {
        var call = new ClassCall(handler, answer);
        try
        {
            await _workers.RunAsync(call).ConfigureAwait(false);
        }
        finally
        {
            await call.EndAsync().ConfigureAwait(false);
            call.RecordAnswered();
        }
    }

    private static async ValueTask AnswerElsewhereAsync(Func<ValueTask> answer)
    {
        await ScriptWorker.LeaveThreadAsync().ConfigureAwait(false);
        await answer().ConfigureAwait(false);
    }
}
