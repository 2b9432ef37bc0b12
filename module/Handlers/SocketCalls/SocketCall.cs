using System.Collections;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Logging;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell.Handlers.SocketCalls;

/// <summary>The calls for one WebSocket on their way through its scripts, one after the other.</summary>
/// <param name="socket">The WebSocket.</param>
/// <param name="shown">What scripts see of it.</param>
/// <param name="request">The request that it began with.</param>
/// <param name="client">The client for the log.</param>
internal sealed class SocketCall(HttpWebSocket socket, ScriptWebSocket shown, ScriptRequest request, string client)
    : WorkItem, IScriptContext
{
    private CallableScript? _script;
    private bool _sendsOutput;

    public override CallableScript? Script => _script;

    /// <summary>The time limit is one for the whole call.</summary>
    public override bool HasAnswered => false;

    public object This => shown;

    public object Request => request;

    public object? Response => null;

    public string RequestId => socket.RequestId;

    public string Client => client;

    /// <summary>Has a worker call a script.</summary>
    /// <param name="pool">The workers of the server.</param>
    /// <param name="script">The script.</param>
    /// <param name="gate">The limit of the handler; null for none.</param>
    /// <param name="values">What its parameters are given; null for nothing.</param>
    /// <param name="sendsOutput">What it puts out are messages.</param>
    /// <exception cref="RequestFaultException">There are too many calls, it took too long, or the server stops.</exception>
    public async ValueTask RunAsync(
        WorkerPool pool, CallableScript script, WorkGate? gate, Hashtable? values, bool sendsOutput)
    {
        (_script, Gate, _sendsOutput, request.SocketValues) = (script, gate, sendsOutput, values);
        await pool.RunAsync(this).ConfigureAwait(false);
        // The next message is waited for elsewhere: a worker's thread is for scripts.
        await ScriptWorker.LeaveThreadAsync().ConfigureAwait(false);
    }

    public override void Execute(ScriptWorker worker)
    {
        var script = _script!;
        try
        {
            var output = worker.Call(script, this);
            if (_sendsOutput)
                SocketOutput.Send(socket, output, worker);
        }
        catch (Exception exception) when (EngineFaults.Find(exception, script) is { } fault)
        {
            // A message that is no number, say, where a number is taken: the client's fault.
            shown.Refuse(fault.Faults[0].Detail);
        }
        catch (Exception exception)
        {
            var told = AnswerException.Wrap(exception, script.Place, script.PlaceOf);
            if (told == exception)
                throw;
            throw told;
        }
    }

    public override void Watch(WorkerPool pool)
    {
        // A message is answered also if its client leaves meanwhile, as it was sent before.
    }
}
