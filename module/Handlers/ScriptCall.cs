using System.Management.Automation;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Handlers.Filters;
using Http.Server.PowerShell.Logging;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell.Handlers;

/// <summary>A request on its way through the filters that see it, and through the scriptblock that answers it.</summary>
internal sealed class ScriptCall(ScriptHttpRequestHandler connection) : WatchedItem(connection), IScriptContext
{
    private RegisteredHandler? _handler;
    private FilterMatches? _filters;
    private CallableScript? _running;
    private IReadOnlyDictionary<string, string> _values = RoutePattern.NoValues;
    private ScriptRequest? _request;

    /// <summary>The handler's, or if a file answers, that of the first filter.</summary>
    public override CallableScript? Script => _handler?.Script ?? _filters?.Scripts[0];

    public override IReadOnlyList<CallableScript> MoreScripts => _filters?.Scripts ?? [];

    public object This => connection;

    public object Request => _request ??= new ScriptRequest(connection, _values);

    public object Response => connection.Response;

    public object? Session => connection.Session;

    /// <summary>Whether what runs names the session, which can be waited for before a worker is needed.</summary>
    public bool NamesSession => _handler?.Script.Inspection.NamesSession == true
        || MoreScripts.Any(static script => script.Inspection.NamesSession);

    public string RequestId => connection.RequestId;

    public string Client => connection.AddressString();

    public string? User => connection.User?.Name;

    public IReadOnlyList<string> Schemes => _handler?.Authentication ?? [];

    /// <summary>Readies the call for its next request.</summary>
    /// <param name="handler">What answers; null for a file.</param>
    /// <param name="gate">The limit of the handler.</param>
    /// <param name="values">The values of the handler's pattern.</param>
    /// <param name="filters">The filters that see the request; null for none.</param>
    public void Prepare(RegisteredHandler? handler, WorkGate? gate, IReadOnlyDictionary<string, string> values,
        FilterMatches? filters) =>
        (_handler, _values, Gate, _request, _filters) = (handler, values, gate, null, filters);

    public override void Execute(ScriptWorker worker)
    {
        try
        {
            if (_handler is not null && !connection.MayTakeForm(_handler, (ScriptRequest)Request))
                throw new RequestFaultException(403, "The form has no token of this session: ask for its page again");
            if (_filters is not null)
            {
                ExecuteFiltered(worker, _filters);
                return;
            }

            var output = Call(worker, _handler!.Script);
            connection.EndSession();
            ScriptAnswer.Send(connection, output, _handler.ContentType, Names, worker);
        }
        catch (Exception exception) when (FaultsOf(exception) is { } faults)
        {
            ParameterProblem.Send(connection, faults);
        }
        catch (Exception exception)
        {
            var running = _running ?? Script!;
            var told = AnswerException.Wrap(exception, running.Place, running.PlaceOf);
            if (told == exception)
                throw;
            throw told;
        }
    }

    /// <summary>Drops what the request has stored.</summary>
    public void Forget()
    {
        if (_request is null)
            return;
        if ((_handler is not null && Keeps(_handler.Script)) || MoreScripts.Any(Keeps))
            _request.Keep();
        _request.Dispose();
        _request = null;
    }

    private IReadOnlyCollection<string> Names => _handler!.Script.Parameters.Names;

    private static bool Keeps(CallableScript script) =>
        script.Inspection.KeepsRequest || script.Parameters.Request is not null;

    private List<PSObject> Call(ScriptWorker worker, CallableScript script)
    {
        _running = script;
        return worker.Call(script, this);
    }

    private List<PSObject> Call(ScriptWorker worker, FilterMatch match)
    {
        match.Filter.CountCall();
        ((ScriptRequest)Request).RouteValues = match.Values;
        return Call(worker, match.Filter.Script);
    }

    private void ExecuteFiltered(ScriptWorker worker, FilterMatches filters)
    {
        // The list of a call is emptied for the next.
        List<PSObject>? output = null;
        var (contentType, names) = ((string?)null, (IReadOnlyCollection<string>)[]);
        foreach (var match in filters.Before)
        {
            var put = Call(worker, match);
            if (put.Count > 0 || connection.HasAnswered || connection.IsRaw || connection.Response.OwnStatus is not null)
            {
                (output, names) = ([.. put], match.Filter.Script.Parameters.Names);
                break;
            }
        }

        if (output is null && _handler is null)
        {
            connection.EndSession();
            return;
        }

        if (output is null)
        {
            ((ScriptRequest)Request).RouteValues = _values;
            _handler!.CountCall();
            (output, contentType, names) = ([.. Call(worker, _handler.Script)], _handler.ContentType, Names);
        }

        if (output.Count == 0 && !connection.HasAnswered && !connection.IsRaw)
            connection.Response.StatusCode = connection.Response.OwnStatus ?? 204;
        foreach (var match in filters.After)
        {
            if (Call(worker, match).Count > 0)
                worker.Warn(
                    "A filter of answers has put something out, which is not sent: it may set $Response. Assign it to $null.");
        }

        connection.EndSession();
        ScriptAnswer.Send(connection, output, contentType, names, worker);
    }

    /// <summary>What the request's values were refused for; null if something else went wrong.</summary>
    private IReadOnlyList<ParameterFault>? FaultsOf(Exception exception) => _running?.Parameters.MakeBinder is null
        ? null
        : (exception as ParameterException ?? EngineFaults.Find(exception, _running))?.Faults;
}
