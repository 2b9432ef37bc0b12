using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Http.Server.Authentication;
using Http.Server.Protocol;
using Http.Server.Requests;
using Http.Server.Resources;
using Http.Server.Transport;

namespace Http.Server;

/// <summary>
/// Answers the requests of one connection; Python's <c>http.server.BaseHTTPRequestHandler</c>. A subclass has a public method
/// <c>Do</c> + verb without parameters for each verb that it answers: <c>DoGet</c>, <c>DoHead</c>, <c>DoSpam</c>, returning
/// <c>void</c>, <see cref="Task"/> or <see cref="ValueTask"/>. A verb without one gets 501.
/// </summary>
/// <remarks>One object serves a connection from its first request to its last, one request at a time.</remarks>
[DynamicallyAccessedMembers(HandlerMembers.Needed)]
public abstract partial class BaseHttpRequestHandler : IHandlerContext
{
    /// <summary>An unread rest of a request body up to this size in bytes is read and dropped to keep the connection; nginx and
    /// Kestrel do the same. A longer one costs more than a new connection.</summary>
    private const int MaxDrained = 64 * 1024;

    /// <summary>A client that has ended its side may still read. One that takes nothing for this long while it waits counts as gone.</summary>
    private static readonly TimeSpan HalfCloseTime = TimeSpan.FromSeconds(1);

    private readonly VerbTable<BaseHttpRequestHandler> _methods;
    private readonly bool _logsByItself;
    private Connection? _connection;
    private IHttpServer? _server;
    private HttpHeaders? _headers;
    private byte[]? _redirectTarget;
    private string? _path;
    private string? _requestLine;
    private string? _command;
    private Task? _unfinished;
    private Func<ValueTask>? _rest;
    private Stream? _storedBody;
    private DateTime _requestTime;
    private long _requestStart;

    /// <summary>Makes a handler; the server then binds it to its connection.</summary>
    protected BaseHttpRequestHandler()
    {
        _methods = VerbTable<BaseHttpRequestHandler>.Of(GetType());
        _logsByItself = _methods.Overrides(nameof(LogMessage)) || _methods.Overrides(nameof(LogError));
    }

    /// <summary>The server that this handler works for.</summary>
    public IHttpServer Server => _server ?? throw NotBound();

    /// <summary>
    /// Set to true to end the connection after this request. Before each request it is set as the request and
    /// <see cref="ProtocolVersion"/> want it.
    /// </summary>
    public bool CloseConnection { get; set; }

    /// <summary>The request line without its line end; empty before the first request.</summary>
    public string RequestLine => _requestLine ??= Latin1(Connection.Input.Head.RequestLine);

    /// <summary>The request's verb, <c>GET</c> say; empty while there is none.</summary>
    public string Command => _command ?? "";

    /// <summary>
    /// The request target as sent, query included. Of an absolute target it is the part from the path on, and several slashes
    /// at the start are made one, so that it never reads as another host's address (as in Python since CVE-2021-28861).
    /// </summary>
    public string Path => _path ??= MakePath();

    /// <summary><c>HTTP/1.0</c> or <c>HTTP/1.1</c>, as the request says; an unknown later 1.x counts as 1.1.</summary>
    public string RequestVersion => IsHttp11Request ? "HTTP/1.1" : "HTTP/1.0";

    /// <summary>The request's header fields.</summary>
    public HttpHeaders Headers => _headers ??= ReadHeaders();

    /// <summary>
    /// The request body, decoded, ending where the body ends. A body that breaks the protocol throws
    /// <see cref="RequestFaultException"/>.
    /// </summary>
    public Stream Rfile => _storedBody ?? (Stream)Connection.Body;

    /// <summary>
    /// The way to the client. After <see cref="EndHeaders"/> it takes the body; without any head it takes raw bytes, and the
    /// connection ends after them. Small writes are gathered: <see cref="Stream.Flush"/> sends them.
    /// </summary>
    public Stream Wfile => Connection.Response;

    /// <summary>
    /// How the request was authenticated, <c>Basic</c> say; null, as before each request, if it was not. Whoever authenticates sets it, for
    /// the log and for CGI programs.
    /// </summary>
    public string? AuthType { get; set; }

    /// <summary>Whom the request was authenticated as; null, as before each request, if it was not.</summary>
    public string? RemoteUser { get; set; }

    /// <summary>
    /// Has each request answered: called with the handler and with what answers the request, calls that on a thread of its choice and
    /// gives a task that ends with it. Null, the default: a request is answered where it was read. For handlers whose code is bound to
    /// threads, as that of PowerShell classes is; whoever makes the handler sets it. What it throws is answered like an exception of the
    /// handler. What the library's own methods still have to read and to send when the handler's method has ended is done after the call.
    /// </summary>
    public Func<BaseHttpRequestHandler, Func<ValueTask>, ValueTask>? RequestInvoker { get; set; }

    /// <summary>
    /// Whether what overrides the handler's methods may run only where <see cref="RequestInvoker"/> has answers run. Default true: listings,
    /// archives and compression are made there then, one for each call. False, for a class that adds <c>Do*</c> methods alone, has them wait at
    /// their limits and made at threads of their own, as without an invoker.
    /// </summary>
    public bool OverridesNeedInvoker { get; set; } = true;

    /// <summary>
    /// Names the request in the log: the connection's number in this server, a hyphen, the request's number on the connection.
    /// </summary>
    public string RequestId => RequestRecord.FormatId(Connection.Number, RequestNumber);

    /// <summary>Whether an answer to the request has begun: <see cref="SendResponse"/> was called, or bytes were written to <see cref="Wfile"/>.</summary>
    public bool HasAnswered =>
        _head != HeadState.None || (Connection.Response.Framing == Framing.Raw && Connection.Response.Written > 0);

    internal Connection Connection => _connection ?? throw NotBound();

    Connection IHandlerContext.Connection => Connection;

    DateTime IHandlerContext.RequestTime => _requestTime;

    /// <summary>A server has bound the handler to a connection.</summary>
    internal bool IsBound => _connection is not null;

    internal VerbTable<BaseHttpRequestHandler> Methods => _methods;

    internal ReadOnlySpan<byte> HeadBytes => Connection.Input.HeadBytes;

    internal RequestHead Head => Connection.Input.Head;

    /// <summary>The requests of this connection are counted from 1.</summary>
    internal int RequestNumber => Connection.RequestCount;

    /// <summary>When the request had been read, in UTC.</summary>
    internal DateTime RequestTime => _requestTime;

    /// <summary>The request target from its path on, or what a local redirect put in its place.</summary>
    internal ReadOnlySpan<byte> TargetBytes => _redirectTarget ?? Head.PathAndQuery.Of(HeadBytes);

    /// <summary>The request is answered with another resource than it asked for (RFC 3875, section 6.2.2).</summary>
    internal bool IsRedirected => _redirectTarget is not null;

    private bool IsHttp11Request => Head.MinorVersion >= 1;

    private bool IsHttp11Server => ProtocolVersion == "HTTP/1.1";

    /// <summary>Serves the connection until it ends: <see cref="HandleOneRequestAsync"/> again and again (Python: <c>handle</c>).</summary>
    public virtual async ValueTask HandleAsync()
    {
        CloseConnection = true;
        await HandleOneRequestAsync().ConfigureAwait(false);
        while (!CloseConnection)
            await HandleOneRequestAsync().ConfigureAwait(false);
    }

    /// <summary>The way of one request, from its first byte to the last of its answer (Python: <c>handle_one_request</c>).</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public virtual async ValueTask HandleOneRequestAsync()
    {
        var connection = Connection;
        ResetRequest();
        var outcome = await connection.Input.ReadHeadAsync().ConfigureAwait(false);
        if (outcome == HeadOutcome.Closed)
        {
            CloseConnection = true;
            return;
        }

        BeginRequest();
        CloseConnection = outcome != HeadOutcome.Request || EndsConnection();
        if (Connection.IsFromProxy && outcome == HeadOutcome.Request)
            ReadForwarded();
        if (Observers is { IsOn: true } observers)
            BeginMeasurement(observers);
        try
        {
            if (connection.Options.HealthPath is { } healthPath && outcome == HeadOutcome.Request && AsksForHealth(healthPath))
            {
                AnswerHealth();
            }
            else
            {
                var invoker = RequestInvoker;
                try
                {
                    // Before the host is called: it may be bound to a thread, which a password's check would leave.
                    if (Authentication is { } authentication && outcome == HeadOutcome.Request)
                        await AuthenticateAsync(authentication).ConfigureAwait(false);
                    if (invoker is null)
                        await AnswerAsync(outcome).ConfigureAwait(false);
                    else
                        await AnswerThrough(invoker, outcome).ConfigureAwait(false);
                    if (_rest is not null)
                        await SendRestAsync().ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is not ConnectionEndedException)
                {
                    if (invoker is null)
                        AnswerFault(exception);
                    else
                        await AnswerFaultAsync(invoker, exception).ConfigureAwait(false);
                }
            }

            await FinishRequestAsync().ConfigureAwait(false);
        }
        finally
        {
            if (_measurement is not null)
                EndMeasurement();
            if (_storedBody is not null)
                ForgetStoredBody();
        }
    }

    /// <summary>Waits until the client has left, as far as that can be told: not before the request body has been read to its end.</summary>
    /// <param name="cancellationToken">Ends the waiting; the request must not end before the returned task has.</param>
    /// <returns>True if the client has left; false if that cannot be told, or the waiting was ended.</returns>
    public Task<bool> WaitForDepartureAsync(CancellationToken cancellationToken) =>
        Connection.WaitForDepartureAsync(HalfCloseTime, cancellationToken);

    /// <summary>
    /// Called when a request with <c>Expect: 100-continue</c> has been read and before its method is called. This one has
    /// <c>100 Continue</c> sent as soon as the method reads from <see cref="Rfile"/>, so that a body nobody reads is never asked for.
    /// </summary>
    /// <returns>True to go on; false if the override has answered, with <c>SendError(417)</c> say.</returns>
    public virtual bool HandleExpect100()
    {
        Connection.Body.ContinueOnRead();
        return true;
    }

    /// <summary>
    /// Takes the whole request body in, so that whoever answers does not wait for the client: afterwards <see cref="Rfile"/> gives it from
    /// memory or, when it is longer, from a temporary file that ends with the request. To be called before anything is read.
    /// </summary>
    /// <param name="inMemory">Longest body that is kept in memory, in bytes.</param>
    /// <exception cref="RequestFaultException">The body breaks the protocol or a limit, or the client is too slow.</exception>
    protected async ValueTask StoreBodyAsync(int inMemory)
    {
        if (!Connection.Body.IsAtEnd && _storedBody is null)
            _storedBody = await StoredBody.ReadAsync(Connection.Body, inMemory).ConfigureAwait(false);
    }

    /// <summary>
    /// Lowers what the body of this request may measure, below <see cref="HttpServerOptions.MaxRequestBodySize"/>. To be called before anything of
    /// it is read.
    /// </summary>
    /// <param name="most">Largest body in bytes. A body in chunks is refused when it turns out to be longer.</param>
    /// <param name="message">What the client is told; without a full stop.</param>
    /// <exception cref="RequestFaultException">The body is declared to be longer: 413.</exception>
    protected void LimitBody(long most, string? message = null)
    {
        var fault = message is null ? RequestFault.BodyTooLarge : new RequestFault(413, message);
        if (Head.ContentLength > most)
            throw new RequestFaultException(fault);
        Connection.Body.Limit(most, fault);
    }

    /// <summary>The method that answers a verb; a subclass may find methods elsewhere than among its own <c>Do*</c>.</summary>
    /// <param name="command">The verb, case-sensitive.</param>
    /// <returns>Null if there is none: 501.</returns>
    protected virtual Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command) => _methods.Find(command);

    /// <summary>
    /// Makes the object that <see cref="Headers"/> gives; an override may bring its own kind (Python: <c>MessageClass</c>).
    /// </summary>
    protected virtual HttpHeaders CreateHeaders() => new();

    /// <summary>The method for a path that is the server's own, whatever a subclass answers; null for all others.</summary>
    internal virtual Func<BaseHttpRequestHandler, ValueTask>? FindReservedMethod() => null;

    /// <summary>Finds out whether the method will answer from memory, without waiting for anything.</summary>
    internal virtual bool TryPrepare() => false;

    /// <summary>Called before each request, for a subclass to forget the one before.</summary>
    internal virtual void BeginExchange()
    {
    }

    /// <summary>Binds the handler to its connection; called once, before anything else.</summary>
    internal void Bind(Connection connection, IHttpServer server)
    {
        _connection = connection;
        _server = server;
    }

    /// <summary>Goes on with another path in place of the request's own.</summary>
    internal void RedirectTo(string target)
    {
        _redirectTarget = Encoding.Latin1.GetBytes(target);
        _path = null;
    }

    /// <summary>Forgets the answer so far, after the way to the client has been rolled back.</summary>
    internal void RestartResponse()
    {
        _head = HeadState.None;
        _status = 0;
        Connection.Response.Begin(Framing.Raw);
    }

    /// <summary>Notes for the log the status of an answer that was passed on as raw bytes.</summary>
    internal void NoteStatus(int status) => _status = status;

    private void ResetRequest()
    {
        BeginExchange();
        _headers = null;
        _path = _requestLine = _command = AuthType = RemoteUser = Route = null;
        _isHealthCheck = false;
        _redirectTarget = null;
        if (_forwarded is not null)
            ForgetForwarded();
        if (_storedBody is not null)
            ForgetStoredBody();
        _rest = null;
        _access = AuthenticationOutcome.Granted;
        _status = 0;
        _head = HeadState.None;
        Connection.Response.Begin(Framing.Raw);
        Connection.Output.BeginResponse();
    }

    private void ForgetStoredBody()
    {
        _storedBody!.Dispose();
        _storedBody = null;
    }

    /// <summary>Answers the request, whether it was refused or is for a method.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync(HeadOutcome outcome)
    {
        if (outcome == HeadOutcome.Refused)
            Refuse(Connection.Input.Fault!);
        else if (_access is not (AuthenticationOutcome.Granted or AuthenticationOutcome.Preflight))
            RefuseAccess();
        else if (AcceptRequest() is { } method)
        {
            // Answers to earlier requests of a pipeline do not wait for a method that may take its time.
            if (Connection.Output.HasEarlier && !TryPrepare())
                await Connection.Output.FlushEarlierAsync().ConfigureAwait(false);
            if (RequestInvoker is null)
            {
                await method(this).ConfigureAwait(false);
                if (_unfinished is not null)
                    await TakeUnfinished().ConfigureAwait(false);
            }
            else
            {
                await AnswerInvokedAsync(method).ConfigureAwait(false);
            }
        }

        if (_rest is null)
            EndResponse();
    }

    /// <summary>
    /// Answers where a host wants it. Where all that is left is the library's own work, reading and sending, no thread of the host waits for it: a
    /// slow client would hold it up.
    /// </summary>
    private async ValueTask AnswerInvokedAsync(Func<BaseHttpRequestHandler, ValueTask> method)
    {
        var own = method(this).AsTask();
        if (_unfinished is { IsCompleted: false } && (own.IsCompletedSuccessfully || own == _unfinished))
        {
            var unfinished = TakeUnfinished();
            ContinueAfterMethod(() => new ValueTask(unfinished));
            return;
        }

        await own.ConfigureAwait(false);
        if (_unfinished is not null)
            await TakeUnfinished().ConfigureAwait(false);
    }

    /// <summary>Has the answer, whose head has been sent, go on after its method has ended: for as long as it likes, on no thread of a host.</summary>
    private protected void ContinueAfterMethod(Func<ValueTask> rest) => _rest = rest;

    private async ValueTask SendRestAsync()
    {
        var rest = _rest!;
        _rest = null;
        await rest().ConfigureAwait(false);
        EndResponse();
    }

    private ValueTask AnswerThrough(Func<BaseHttpRequestHandler, Func<ValueTask>, ValueTask> invoker, HeadOutcome outcome) =>
        invoker(this, () => AnswerAsync(outcome));

    /// <summary>Answers a fault where the host wants requests answered: the class may have a <c>SendError</c> of its own.</summary>
    private async ValueTask AnswerFaultAsync(Func<BaseHttpRequestHandler, Func<ValueTask>, ValueTask> invoker, Exception fault)
    {
        var isAnswered = false;
        try
        {
            await invoker(this, () =>
            {
                AnswerFault(fault);
                isAnswered = true;
                return default;
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ConnectionEndedException && !isAnswered)
        {
            // The host takes no more work, which may be the very fault.
            AnswerFault(fault);
        }
    }

    /// <summary>
    /// Notes a task that the request must not end before, for the sake of a method that calls another one without awaiting it: a
    /// PowerShell class cannot await.
    /// </summary>
    private protected ValueTask Finish(ValueTask task)
    {
        if (task.IsCompleted)
            return task;
        _unfinished = task.AsTask();
        return new ValueTask(_unfinished);
    }

    private Task TakeUnfinished()
    {
        var task = _unfinished!;
        _unfinished = null;
        return task;
    }

    private void BeginRequest()
    {
        Connection.BeginRequest();
        _requestTime = Connection.Clock.UtcNow;
        // Clocks are read as seldom as can be: together they would take some hundredths of a small answer's time.
        if (Connection.Options.Log.TakesRequests)
            _requestStart = Connection.Options.TimeProvider.GetTimestamp();
        Connection.Body.Begin(Head);
        if (Head.Method.Length > 0)
            _command = _methods.NameOf(Head.Method.Of(HeadBytes));
    }

    /// <summary>Whether the connection ends with this request, by its head and by the server's settings.</summary>
    private bool EndsConnection() => !IsHttp11Server || Head.ConnectionClose || (!IsHttp11Request && !Head.ConnectionKeepAlive)
        || RequestNumber == Connection.Options.MaxRequestsPerConnection || Server.IsDraining;

    /// <summary>Decides on the expectation and the method (Python: <c>parse_request</c> and what follows it).</summary>
    /// <returns>The method to call; null if the request has been answered.</returns>
    private Func<BaseHttpRequestHandler, ValueTask>? AcceptRequest()
    {
        var head = Head;
        if (head.ContentLength > Connection.Options.MaxRequestBodySize)
        {
            Refuse(RequestFault.BodyTooLarge);
            return null;
        }

        var method = _access == AuthenticationOutcome.Preflight ? PreflightMethod : FindReservedMethod() ?? FindMethod(Command);
        if (method is null)
        {
            // What follows may be for the other end of a tunnel.
            CloseConnection |= Head.Form == TargetForm.Authority;
            SendError(501, $"Unsupported method ('{Command}')");
            return null;
        }

        if (IsHttp11Request && IsHttp11Server)
        {
            if (head.ExpectsUnknown)
            {
                SendError(417);
                return null;
            }

            if (head.ExpectsContinue && head.HasBody && !HandleExpect100())
                return null;
        }

        return method;
    }

    private void Refuse(RequestFault fault)
    {
        CloseConnection = true;
        if (fault == RequestFault.TlsGreeting)
            Connection.Options.Log.Message(LogLevel.Information, ClientText, "A TLS greeting came to a port that speaks plain HTTP: its address must begin with http://.");
        SendError(fault.Status, null, fault.Reason + ".");
    }

    /// <summary>The one place where a fault becomes an answer: the client's own, or a plain 500.</summary>
    private void AnswerFault(Exception exception)
    {
        var clientLeft = Connection.IsBroken && ExpectedFaults.IsCausedByConnectionEnd(exception);
        var shortage = clientLeft ? null : Shortage.Of(exception);
        var status = exception switch
        {
            RequestFaultException fault => fault.Status,
            // Whoever asks again finds the file whole.
            ContentCutException { MayBePassing: true } => 503,
            _ => shortage is null ? 500 : 503,
        };
        if (shortage is not null)
            Connection.Shortage?.Note(shortage, "requests are answered 503");
        if (clientLeft)
            Connection.Options.Log.Message(LogLevel.Debug, ClientText, $"The client left: {exception.Message}");
        else if (exception is ContentCutException)
            Connection.Options.Log.Message(LogLevel.Warning, ClientText, $"\"{RequestLine}\": {exception.Message}.");
        else if (status == 500)
            Connection.Options.Log.Fault(ClientText, RequestId, $"{LogName} failed at \"{RequestLine}\"", exception);

        if (_measurement is not null && status == 500 && !clientLeft)
            _measurement.Fault = exception.GetType().FullName;
        // Whoever failed may still be reading the body.
        CloseConnection |= exception is not RequestFaultException && !Connection.Body.IsAtEnd;
        if (clientLeft || !Connection.Output.TryRollBack())
        {
            CloseConnection = true;
            // Part of the answer is on its way. Breaking the connection is the only way left to say that it is not whole.
            Connection.Abort();
            // Its status was sent before it failed.
            if (!clientLeft && status == 500 && _status < 500)
                Connection.NoteError();
            Connection.Output.Release();
            return;
        }

        _head = HeadState.None;
        Connection.Response.Begin(Framing.Raw);
        SendError(status, null, exception is RequestFaultException ? exception.Message + "." : null);
        EndResponse();
    }

    /// <summary>Sends the rest of the answer, clears the way for the next request, and logs.</summary>
    private async ValueTask FinishRequestAsync()
    {
        var connection = Connection;
        if (!CloseConnection && !connection.Body.IsAtEnd && !await TryDrainAsync().ConfigureAwait(false))
            CloseConnection = true;
        if (CloseConnection || connection.Output.Count >= OutputBuffer.FlushThreshold || !connection.Input.HasNextRequest)
            await connection.Output.FlushAsync().ConfigureAwait(false);
        if (_status >= 500 && !_isHealthCheck)
            connection.NoteError();
        // Health checks come every few seconds, and say nothing that is worth a line.
        if (!_isHealthCheck && (Head.RequestLine.Length > 0 || _status != 0))
        {
            if (RequestInvoker is { } invoker && _logsByItself)
                await invoker(this, TellLog).ConfigureAwait(false);
            else
                LogRequest(_status, connection.Response.Written);
        }

        connection.EndRequest();
        if (_measurement is not null)
            EndMeasurement();
        if (CloseConnection && (!connection.Body.IsAtEnd || !connection.Input.Buffered.IsEmpty || connection.Input.Fault is not null))
            await connection.LingerAsync().ConfigureAwait(false);
    }

    private ValueTask TellLog()
    {
        LogRequest(_status, Connection.Response.Written);
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

    private HttpHeaders ReadHeaders()
    {
        var headers = CreateHeaders();
        var bytes = HeadBytes;
        foreach (ref readonly var header in Head.Headers)
            headers.Add(Encoding.Latin1.GetString(header.Name.Of(bytes)), Encoding.Latin1.GetString(header.Value.Of(bytes)));
        return headers;
    }

    private string MakePath()
    {
        var path = TargetBytes;
        if (path.IsEmpty)
            return Head.Form == TargetForm.Absolute ? "/" : "";
        while (path.StartsWith("//"u8))
            path = path[1..];
        return Encoding.Latin1.GetString(path);
    }

    private string Latin1(Slice slice) => Encoding.Latin1.GetString(slice.Of(HeadBytes));

    private static InvalidOperationException NotBound() =>
        new("The handler is not bound to a connection: a server binds it, and only then are its request and its streams there.");
}
