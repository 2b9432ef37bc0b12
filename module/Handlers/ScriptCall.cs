using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Handlers;

/// <summary>A request on its way through a scriptblock.</summary>
internal sealed class ScriptCall(ScriptHttpRequestHandler connection) : WatchedItem(connection), IScriptContext
{
    private RegisteredHandler? _handler;
    private IReadOnlyDictionary<string, string>? _values;
    private ScriptRequest? _request;

    public override CallableScript? Script => _handler?.Script;

    public object This => connection;

    public object Request => _request ??= new ScriptRequest(connection, _values!);

    public object Response => connection.Response;

    public string RequestId => connection.RequestId;

    public string Client => connection.AddressString();

    /// <summary>Readies the call for its next request.</summary>
    public void Prepare(RegisteredHandler handler, WorkGate? gate, IReadOnlyDictionary<string, string> values) =>
        (_handler, _values, Gate, _request) = (handler, values, gate, null);

    public override void Execute(ScriptWorker worker)
    {
        try
        {
            ScriptAnswer.Send(connection, worker.Call(_handler!.Script, this), _handler, worker);
        }
        catch (Exception exception) when (FaultsOf(exception) is { } faults)
        {
            ParameterProblem.Send(connection, faults);
        }
        catch (Exception exception)
        {
            var told = AnswerException.Wrap(exception, _handler!.Script.Place, _handler.Script.PlaceOf);
            if (told == exception)
                throw;
            throw told;
        }
    }

    /// <summary>What the request's values were refused for; null if something else went wrong.</summary>
    private IReadOnlyList<ParameterFault>? FaultsOf(Exception exception) => _handler!.Script.Parameters.MakeBinder is null
        ? null
        : (exception as ParameterException ?? EngineFaults.Find(exception, _handler.Script))?.Faults;

    /// <summary>Drops what the request has stored.</summary>
    public void Forget()
    {
        if (_handler!.Script.Inspection.KeepsRequest || _handler.Script.Parameters.Request is not null)
            _request?.Keep();
        _request?.Dispose();
        _request = null;
    }
}
