using System.Globalization;
using System.Runtime.CompilerServices;
using Http.Server.Admission;
using Http.Server.Authentication;
using Http.Server.Protocol;
using Http.Server.Sessions;
using Http.Server.State;
using Http.Server.Telemetry;
using Http.Server.Transport;

namespace Http.Server.Requests;

/// <summary>
/// The way of a request, from its first byte to its line in the log: read, check, answer, finish, and the next one. It holds what
/// is known of the request that is under way, and forgets it before the next.
/// </summary>
internal sealed class RequestCycle
{
    /// <summary>
    /// An unread rest of a request body up to this size in bytes is read and dropped to keep the connection; nginx and
    /// Kestrel do the same. A longer one costs more than a new connection.
    /// </summary>
    public const int MaxDrained = 64 * 1024;

    private readonly IRequestHandler _handler;
    private ServerAdmission? _admission;
    private Connection? _connection;
    private RequestObservation? _observation;
    private RequestMeter? _meter;
    private ServerMetrics? _shownMetrics;
    private SessionKeeper? _sessions;
    private RequestSession? _session;
    private bool _isHealthCheck;
    private bool _isForMetrics;

    public RequestCycle(IRequestHandler handler)
    {
        _handler = handler;
        Head = new ResponseHead(KeepAlive);
    }

    public KeepAlive KeepAlive { get; } = new();

    /// <summary>What is known of the request itself.</summary>
    public RequestState Request { get; } = new();

    /// <summary>The head of the answer.</summary>
    public ResponseHead Head { get; }

    public ClientInfo Client { get; } = new();

    public PendingWork Pending { get; } = new();

    /// <summary>Whether the request may be answered.</summary>
    public AccessCheck Access { get; } = new();

    /// <summary>A timestamp of the server's clock, taken when the request had been read, for the log.</summary>
    public long StartedAt { get; private set; }

    /// <summary>The pattern that the request's path matched; null if none is known.</summary>
    public string? Route { get; set; }

    /// <summary>The session of the request, as far as a handler has asked for it; null for a server that keeps none.</summary>
    public RequestSession? KnownSession => _session;

    private Connection Connection => _connection ?? throw new InvalidOperationException("A cycle is bound to a connection.");

    private RequestHead RequestHead => Connection.Input.Head;

    private bool IsHttp11 => RequestHead.MinorVersion >= 1 && IsHttp11Server;

    private bool IsHttp11Server => _handler.ProtocolVersion == "HTTP/1.1";

    /// <summary>Binds the cycle to its handler's connection, before anything else.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="server">The server that it came to.</param>
    public void Bind(Connection connection, IHttpServer server)
    {
        (_connection, _admission) = (connection, (server as IAdmissionOwner)?.Admission);
        _sessions = (server as ISessionOwner)?.Sessions;
        if (server is not IMetricsOwner owner)
            return;
        _shownMetrics = owner.Shown;
        _meter = owner.Measured is { } metrics ? new RequestMeter(metrics) : null;
    }

    /// <summary>Serves a connection until it ends: one request after the other (Python: <c>handle</c>).</summary>
    public async ValueTask ServeAsync()
    {
        KeepAlive.Begin(CloseReason.NoRequest);
        do
        {
            if (_handler.HandlesOneRequest)
            {
                await _handler.HandleOneRequestAsync().ConfigureAwait(false);
                continue;
            }

            // Waited for here, where one method is suspended: each further one costs a small answer some hundredths of its time.
            Reset();
            var input = Connection.Input;
            if (!input.HasBuffered)
            {
                int count;
                do
                    count = await input.ReceiveFirstAsync().ConfigureAwait(false);
                while (count < 0);
                if (!input.TryBegin(count))
                {
                    KeepAlive.Begin(CloseReason.NoRequest);
                    return;
                }
            }

            await ServeNextAsync().ConfigureAwait(false);
        }
        while (!KeepAlive.IsDisabled);
    }

    /// <summary>Serves one request (Python: <c>handle_one_request</c>).</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public ValueTask ServeOneAsync()
    {
        Reset();
        return ServeNextAsync();
    }

    /// <summary>Forgets the answer so far, after the way to the client has been rolled back.</summary>
    public void Restart()
    {
        Head.Reset();
        Connection.Response.Begin(Framing.Raw);
    }

    /// <summary>The way of a request, all of which is forgotten before the next.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ServeNextAsync()
    {
        var outcome = await Connection.Input.ReadHeadAsync().ConfigureAwait(false);
        if (outcome == HeadOutcome.Closed)
        {
            KeepAlive.Begin(CloseReason.NoRequest);
            return;
        }

        Begin(outcome);
        try
        {
            if (outcome != HeadOutcome.Request || !TryAnswerHealthCheck())
                await AnswerOrFailAsync(outcome).ConfigureAwait(false);
            await FinishAsync().ConfigureAwait(false);
        }
        finally
        {
            if (_session is { IsOpen: true })
                await _session.AbandonAsync().ConfigureAwait(false);
            EndObservation();
            Request.End();
        }
    }

    /// <summary>The session of the request, of which nothing has been read yet; null for a server that keeps none.</summary>
    public RequestSession? FindSession()
    {
        if (_sessions is null)
            return null;
        _session ??= new RequestSession(_sessions);
        _session.Look(new SchemeRequest(Connection, Connection.Remote).FindField("cookie"u8), Client.IsSecure(_handler.Server));
        return _session;
    }

    private void Reset()
    {
        _session?.Reset();
        Request.Reset();
        _handler.ResetRequest();
        _isHealthCheck = _isForMetrics = false;
        Client.Reset();
        Pending.Reset();
        Access.Reset();
        Route = null;
        Restart();
        Connection.Output.BeginResponse();
    }

    private void Begin(HeadOutcome outcome)
    {
        Connection.BeginRequest();
        // The clock is read only if the log needs it, because reading it takes some hundredths of a small answer's time.
        if (Connection.Options.Log.TakesRequests)
            StartedAt = Connection.Options.TimeProvider.GetTimestamp();
        Connection.Body.Begin(RequestHead);
        var method = RequestHead.Method.Of(Connection.Input.HeadBytes);
        Request.Begin(Connection.Clock.UtcNow, method.IsEmpty ? null : _handler.NameOf(method));
        KeepAlive.Begin(outcome == HeadOutcome.Request ? KeepAlive.FindReason(_handler) : CloseReason.RequestRefused);
        if (Connection.IsFromProxy && outcome == HeadOutcome.Request)
            Client.Read(Connection);
        if (RequestObservation.IsWanted)
            _observation = RequestObservation.Begin(_handler, Client);
        _meter?.Begin(_handler, Client);
        _isForMetrics = _shownMetrics is not null && outcome == HeadOutcome.Request && IsFor(Connection.Options.MetricsPath);
    }

    /// <summary>Whether the request is for a path of the server's own; if so, that is its route.</summary>
    private bool IsFor(string? path)
    {
        if (path is null
            || !OwnAnswer.IsAskedFor(_handler.Command, RequestHead.PathAndQuery.Of(Connection.Input.HeadBytes), path))
            return false;
        Route = path;
        return true;
    }

    /// <summary>Answers a request that only asks whether the server works.</summary>
    /// <returns>False for any other.</returns>
    private bool TryAnswerHealthCheck()
    {
        var isLiveness = IsFor(Connection.Options.LivenessPath);
        _isHealthCheck = isLiveness || IsFor(Connection.Options.HealthPath);
        if (_isHealthCheck)
            HealthEndpoint.Answer(_handler, isLiveness, Head, _handler.ProtocolVersion, ConnectionHeader());
        return _isHealthCheck;
    }

    private void AnswerMetrics()
    {
        var text = new MetricsText();
        _shownMetrics!.WriteTo(text);
        OwnAnswer.Send(_handler, Head, _handler.ProtocolVersion, ConnectionHeader(), isServing: true,
            MetricsText.ContentType, text.Bytes);
    }

    /// <summary>What an answer of the server's own has to say of the connection; null if nothing.</summary>
    private string? ConnectionHeader()
    {
        if (KeepAlive.IsDisabled)
            return IsHttp11Server ? "close" : null;
        return RequestHead.MinorVersion == 0 ? "keep-alive" : null;
    }

    /// <summary>Answers the request; what goes wrong is answered too.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerOrFailAsync(HeadOutcome outcome)
    {
        try
        {
            // The password is checked before a host is called: the host may need its own thread, and the check may go on on
            // another.
            if (outcome == HeadOutcome.Request && TryAdmit()
                && (_admission is not { AsksStore: true } || await TryAdmitByStoreAsync().ConfigureAwait(false)))
            {
                var own = _handler.FindAccess();
                if (AccessCheck.IsAskedFor(_handler, own))
                    await Access.CheckAsync(_handler, own, Client, Request, FindSession()).ConfigureAwait(false);
                if (_admission is { LooksAtUsers: true } && Access.IsGranted)
                    await CountForUserAsync().ConfigureAwait(false);
            }

            // The host's threads are for requests that a handler answers, unless the class has a say in what a refusal looks
            // like.
            var isRefused = Request.Refusal is not null;
            if (_handler.HasInvoker && (isRefused ? _handler.MakesErrors : !(_isForMetrics && Access.IsGranted)))
                await InvokeAsync(outcome).ConfigureAwait(false);
            else
                await AnswerAsync(outcome).ConfigureAwait(false);
            // What is sent from here on takes as long as the client does, and other requests of it may want the session.
            if (_session is { IsOpen: true })
                await _session.EndAsync().ConfigureAwait(false);
            if (Pending.HasRest)
            {
                await Pending.SendRestAsync().ConfigureAwait(false);
                EndResponse();
            }
        }
        catch (Exception exception) when (exception is not ConnectionEndedException)
        {
            if (_session is { IsOpen: true })
                await _session.AbandonAsync().ConfigureAwait(false);
            if (_handler.HasInvoker)
                await InvokeFaultAsync(exception).ConfigureAwait(false);
            else
                AnswerFault(exception);
        }
    }

    /// <summary>Looks at the client, the host that it asks for and how often it asks, before anything else is done.</summary>
    private bool TryAdmit()
    {
        if (_admission is null)
            return true;
        var connection = Connection;
        // Without rules of addresses and limits nothing of the client is looked at, and no object is made for it.
        var refusal = _admission.LooksAtClients
            ? _admission.FindRefusalOfClient(connection, Client.AddressOf(connection), Client.IsKnown(connection))
            : _admission.FindRefusalOfHost(connection);
        if (refusal is null)
            return true;
        if (refusal.Hint is { } hint)
            connection.Options.Log.Message(LogLevel.Warning, Client.TextOf(connection), hint);
        Request.Refuse(refusal);
        return false;
    }

    /// <summary>Users can be counted once they are known; the others are asked for their password, and counted by it.</summary>
    private async ValueTask CountForUserAsync()
    {
        if (await _admission!.FindRefusalOfUserAsync(Connection, Client.AddressOf(Connection), _handler.RemoteUser)
            .ConfigureAwait(false) is { } refusal)
            Request.Refuse(refusal);
    }

    /// <summary>Counts the request where servers share a store.</summary>
    private async ValueTask<bool> TryAdmitByStoreAsync()
    {
        if (await _admission!.FindRefusalByStoreAsync(Connection, Client.AddressOf(Connection)).ConfigureAwait(false)
            is not { } refusal)
            return true;
        Request.Refuse(refusal);
        return false;
    }

    /// <summary>Answers the request, whether it was refused or is for a method.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync(HeadOutcome outcome)
    {
        if (outcome == HeadOutcome.Refused)
        {
            Refuse(Connection.Input.Fault!);
        }
        else if (Request.Refusal is { } refusal)
        {
            if (refusal.EndsConnection)
                KeepAlive.Disable(CloseReason.RequestRefused);
            _handler.SendError(refusal.Status, null, refusal.Explanation);
        }
        else if (!Access.IsGranted)
        {
            Access.Refuse(_handler);
        }
        else if (_isForMetrics)
        {
            AnswerMetrics();
        }
        else if (AcceptRequest() is { } method)
        {
            // Answers to earlier requests of a pipeline do not wait for a method that may take its time.
            if (Connection.Output.HasEarlier && !_handler.TryPrepare())
                await Connection.Output.FlushEarlierAsync().ConfigureAwait(false);
            if (_handler.HasInvoker)
            {
                await AnswerInvokedAsync(method).ConfigureAwait(false);
            }
            else
            {
                await _handler.CallAsync(method).ConfigureAwait(false);
                await Pending.WaitForTask().ConfigureAwait(false);
            }
        }

        if (!Pending.HasRest)
            EndResponse();
    }

    /// <summary>
    /// Answers where a host wants it. Where all that is left is the library's own work, reading and sending, no thread of the
    /// host waits for it: a slow client would hold it up.
    /// </summary>
    private async ValueTask AnswerInvokedAsync(Delegate method)
    {
        var own = _handler.CallAsync(method).AsTask();
        if (!Pending.TryContinueWithTask(own))
        {
            await own.ConfigureAwait(false);
            await Pending.WaitForTask().ConfigureAwait(false);
        }
    }

    private ValueTask InvokeAsync(HeadOutcome outcome) => _handler.InvokeAsync(() => AnswerAsync(outcome));

    /// <summary>
    /// Answers a fault where the host wants requests answered: the class may have a <c>SendError</c> of its
    /// own.
    /// </summary>
    private async ValueTask InvokeFaultAsync(Exception fault)
    {
        var isAnswered = false;
        try
        {
            await _handler.InvokeAsync(() =>
            {
                AnswerFault(fault);
                isAnswered = true;
                return default;
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ConnectionEndedException && !isAnswered)
        {
            // The host takes no more work, which may have been the fault itself.
            AnswerFault(fault);
        }
    }

    /// <summary>Decides on the expectation and the method (Python: <c>parse_request</c> and what follows it).</summary>
    /// <returns>The method to call; null if the request has been answered.</returns>
    private Delegate? AcceptRequest()
    {
        var head = RequestHead;
        if (head.ContentLength > Connection.Options.MaxRequestBodySize)
        {
            Refuse(RequestFault.BodyTooLarge);
            return null;
        }

        var method = _handler.FindMethod(Access.Outcome == AuthenticationOutcome.Preflight);
        if (method is null)
        {
            // The bytes that follow may be for the other end of a tunnel.
            if (head.Form == TargetForm.Authority)
                KeepAlive.Disable(CloseReason.OtherProtocol);
            _handler.SendError(501, $"Unsupported method ('{_handler.Command}')");
            return null;
        }

        if (IsHttp11)
        {
            if (head.ExpectsUnknown)
            {
                _handler.SendError(417);
                return null;
            }

            if (head.ExpectsContinue && head.HasBody && !_handler.HandleExpect100())
                return null;
        }

        return method;
    }

    private void Refuse(RequestFault fault)
    {
        KeepAlive.Disable(CloseReason.RequestRefused);
        if (fault == RequestFault.TlsGreeting)
            Connection.Options.Log.Message(
                LogLevel.Information, Client.TextOf(Connection),
                    "A TLS greeting came to a port that speaks plain HTTP: its address must begin with http://.");
        _handler.SendError(fault.Status, null, fault.Reason + ".");
    }

    /// <summary>Settles what a handler left open when its method returned.</summary>
    private void EndResponse()
    {
        var response = Connection.Response;
        if (Head.IsOpen)
            _handler.EndHeaders();
        if (Head.IsMissing)
        {
            if (response.Written > 0)
            {
                KeepAlive.Disable(CloseReason.RawAnswer);
                return;
            }

            _handler.LogError("{0} gave no answer to \"{1}\"", _handler.LogName, _handler.RequestLine);
            _handler.SendError(500);
        }

        response.Complete();
        // A handler may have set CloseConnection to false since, but this body ends with the connection alone.
        if (response.Framing == Framing.Close)
            KeepAlive.Disable(CloseReason.BodyWithoutLength);
        if (!response.Overrun && !response.Underrun)
            return;
        _handler.LogError("{0} announced {1} bytes for \"{2}\" and wrote {3}", _handler.LogName, Head.ContentLength,
            _handler.RequestLine,
            response.Overrun ? "more" : response.Written.ToString(CultureInfo.InvariantCulture));
        KeepAlive.Disable(CloseReason.LengthBroken);
        if (!response.Underrun || !Connection.Output.TryRollBack())
            return;
        // No byte of the answer has been sent, so an error can take its place.
        Restart();
        _handler.SendError(_handler.BrokenAnswerStatus);
    }

    /// <summary>The one place where a fault becomes an answer: the client's own, or a plain 500.</summary>
    private void AnswerFault(Exception exception)
    {
        var clientLeft = Connection.IsBroken && ExpectedFaults.IsCausedByConnectionEnd(exception);
        var status = RequestFailure.Report(exception, _handler, Client.TextOf(Connection), clientLeft);
        if (status == 500 && !clientLeft)
            _observation?.RecordFault(exception);

        // A handler that failed may still be reading the body.
        if (exception is not RequestFaultException && !Connection.Body.IsAtEnd)
            KeepAlive.Disable(CloseReason.BodyUnread);
        if (clientLeft || !Connection.Output.TryRollBack())
        {
            KeepAlive.Disable(CloseReason.AnswerBroken);
            // A part of the answer has been sent. Only the end of the connection can tell the client that it is not complete.
            Connection.Abort();
            // The status of success was sent before the failure, so the error is counted here.
            if (!clientLeft && status == 500 && Head.Status < 500)
                Connection.RecordError();
            Connection.Output.Release();
            return;
        }

        Head.Discard();
        Connection.Response.Begin(Framing.Raw);
        _handler.SendError(status, null, exception switch
        {
            RequestFaultException => exception.Message + ".",
            // Where it is, and how it is reached, is for the log.
            HttpStateStoreException => "What this request needs is kept in a store that cannot be used now: ask again.",
            _ => null,
        });
        EndResponse();
    }

    /// <summary>Sends the rest of the answer, clears the way for the next request, and logs.</summary>
    private async ValueTask FinishAsync()
    {
        var connection = Connection;
        if (!KeepAlive.IsDisabled && !connection.Body.IsAtEnd && !await TryDrainAsync().ConfigureAwait(false))
            KeepAlive.Disable(CloseReason.BodyUnread);
        if (KeepAlive.IsDisabled || connection.Output.Count >= OutputBuffer.FlushThreshold || !connection.Input.HasNextRequest)
            await connection.Output.FlushAsync().ConfigureAwait(false);
        if (Head.Status >= 500 && !_isHealthCheck)
            connection.RecordError();
        // Health checks come every few seconds, as do those who gather metrics, and would fill the log.
        if (!_isHealthCheck && !(_isForMetrics && Head.Status == 200) && (RequestHead.RequestLine.Length > 0 || Head.Status != 0))
        {
            if (_handler.HasInvoker && _handler.LogsByItself)
                await _handler.InvokeAsync(LogAsync).ConfigureAwait(false);
            else
                _handler.LogRequest(Head.Status, connection.Response.Written);
        }

        connection.EndRequest();
        EndObservation();
        if (!KeepAlive.IsDisabled)
            return;
        if (Pending.HasSwitched)
        {
            await Pending.ServeSwitchedAsync().ConfigureAwait(false);
            await connection.LingerAsync().ConfigureAwait(false);
            return;
        }

        // The two usual reasons, the client's wish and a server of HTTP/1.0, are not logged.
        if (KeepAlive.Reason is not (CloseReason.AskedByClient or CloseReason.ServerSpeaksHttp10))
            connection.Options.Log.Message(LogLevel.Debug, Client.TextOf(connection), KeepAlive.Describe(KeepAlive.Reason));
        if (!connection.Body.IsAtEnd || !connection.Input.Buffered.IsEmpty || connection.Input.Fault is not null)
            await connection.LingerAsync().ConfigureAwait(false);
    }

    private ValueTask LogAsync()
    {
        _handler.LogRequest(Head.Status, Connection.Response.Written);
        return default;
    }

    private async ValueTask<bool> TryDrainAsync()
    {
        try
        {
            // The client may wait for this answer before it sends the rest of its body.
            await Connection.Output.FlushAsync().ConfigureAwait(false);
            return await Connection.Body.DrainAsync(MaxDrained).ConfigureAwait(false);
        }
        catch (RequestFaultException)
        {
            return false;
        }
    }

    private void EndObservation()
    {
        _observation?.End(_handler, Head.Status, Route);
        _observation = null;
        _meter?.End(_handler, Head.Status, Route);
    }
}
