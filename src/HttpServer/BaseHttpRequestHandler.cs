using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Http.Server.Admission;
using Http.Server.Events;
using Http.Server.Headers;
using Http.Server.Pages;
using Http.Server.Protocol;
using Http.Server.Requests;
using Http.Server.Sessions;
using Http.Server.Transport;
using Http.Server.WebSockets;

namespace Http.Server;

/// <summary>
/// Answers the requests of one connection; Python's <c>http.server.BaseHTTPRequestHandler</c>. A subclass has a public method
/// <c>Do</c> + verb without parameters for each verb that it answers: <c>DoGet</c>, <c>DoHead</c>, <c>DoSpam</c>, returning
/// <c>void</c>, <see cref="Task"/> or <see cref="ValueTask"/>. A verb without one gets 501. A class that takes WebSockets has a
/// public method <c>Task DoWebSocketAsync(WebSocket)</c>, and may say by <see cref="FindWebSocket"/> where and how.
/// </summary>
/// <remarks>One object serves a connection from its first request to its last, one request at a time.</remarks>
[DynamicallyAccessedMembers(HandlerMembers.Needed)]
public abstract class BaseHttpRequestHandler : IRequestHandler
{
    /// <summary>
    /// A client that has ended its side may still read. One that takes nothing for this long while it waits counts as
    /// gone.
    /// </summary>
    private static readonly TimeSpan HalfCloseTime = TimeSpan.FromSeconds(1);

    private static readonly Func<BaseHttpRequestHandler, ValueTask> PreflightMethod = static handler =>
    {
        handler.AnswerPreflight();
        return default;
    };

    private readonly VerbTable<BaseHttpRequestHandler> _methods;
    private readonly RequestCycle _cycle;
    private readonly bool _logsByItself;
    private readonly bool _changesHeaders;
    private readonly bool _handlesOneRequest;
    private readonly bool _startsAsUsual;
    private readonly bool _makesErrors;
    private string _protocolVersion = "HTTP/1.0";
    private string _serverVersion = DefaultServerVersion;
    private string _sysVersion = "";
    private string? _versionString;
    private string? _errorMessageFormat;
    private Connection? _connection;
    private IHttpServer? _server;

    /// <summary>Makes a handler; the server then binds it to its connection.</summary>
    protected BaseHttpRequestHandler()
    {
        _methods = HandlerMembers.AreSearched
            ? VerbTable<BaseHttpRequestHandler>.Of(GetType())
            : VerbTable<BaseHttpRequestHandler>.Registered(this);
        _changesHeaders = _methods.Overrides(nameof(SendHeader));
        _startsAsUsual = !_methods.Overrides(nameof(SendResponseOnly))
            && !_methods.Overrides(nameof(DateTimeString));
        _handlesOneRequest = _methods.Overrides(nameof(HandleOneRequestAsync));
        _makesErrors = _methods.Overrides(nameof(SendError)) || _methods.Overrides(nameof(SendResponse))
            || _methods.Overrides(nameof(EndHeaders)) || _changesHeaders || !_startsAsUsual;
        _logsByItself = _methods.Overrides(nameof(LogMessage)) || _methods.Overrides(nameof(LogError));
        _cycle = new RequestCycle(this);
    }

    /// <summary>What the server calls itself in the Server header by default.</summary>
    public static string DefaultServerVersion { get; } =
        $"HttpServer/{typeof(BaseHttpRequestHandler).Assembly.GetName().Version!.ToString(2)}";

    /// <summary>The status codes and what they mean, for error pages.</summary>
    public static IReadOnlyDictionary<int, HttpReason> Responses => HttpReasons.All;

    /// <summary>The server software's name and version; default <see cref="DefaultServerVersion"/>.</summary>
    public string ServerVersion
    {
        get => _serverVersion;
        set => (_serverVersion, _versionString) = (value, null);
    }

    /// <summary>
    /// The system's name and version. Empty by default, unlike Python's: clients need not know which runtime answers.
    /// </summary>
    public string SysVersion
    {
        get => _sysVersion;
        set => (_sysVersion, _versionString) = (value, null);
    }

    /// <summary>
    /// The page that <see cref="SendError"/> sends, as a Python format: <c>%(code)d</c>, <c>%(message)s</c> and
    /// <c>%(explain)s</c> are filled in, escaped for HTML.
    /// </summary>
    public string ErrorMessageFormat
    {
        get => _errorMessageFormat ?? ErrorPage.DefaultFormat;
        set => _errorMessageFormat = value;
    }

    /// <summary>The Content-Type of that page; default <c>text/html;charset=utf-8</c>.</summary>
    public string ErrorContentType { get; set; } = "text/html;charset=utf-8";

    /// <summary>
    /// <c>HTTP/1.0</c>, the default as in Python, or <c>HTTP/1.1</c>, which keeps connections open and sends answers without a
    /// length in chunks.
    /// </summary>
    /// <exception cref="ArgumentException">Another version.</exception>
    public string ProtocolVersion
    {
        get => _protocolVersion;
        set => _protocolVersion = value is "HTTP/1.0" or "HTTP/1.1"
            ? value
            : throw new ArgumentException($"The protocol version is HTTP/1.0 or HTTP/1.1, not '{value}'.", nameof(value));
    }

    /// <summary>The server that this handler works for.</summary>
    public IHttpServer Server => _server ?? throw NotBound();

    /// <summary>
    /// Set to true to end the connection after this request. Before each request it is set as the request and
    /// <see cref="ProtocolVersion"/> want it.
    /// </summary>
    public bool CloseConnection
    {
        get => _cycle.KeepAlive.IsDisabled;
        set
        {
            if (value)
                _cycle.KeepAlive.Disable(CloseReason.SetByHandler);
            else
                _cycle.KeepAlive.Enable();
        }
    }

    /// <summary>The request line without its line end; empty before the first request.</summary>
    public string RequestLine => _cycle.Request.LineOf(Connection);

    /// <summary>The request's verb, <c>GET</c> say; empty while there is none.</summary>
    public string Command => _cycle.Request.Command ?? "";

    /// <summary>
    /// The request target as sent, query included. Of an absolute target it is the part from the path on, and several slashes
    /// at the start are made one, so that it never reads as another host's address (as in Python since CVE-2021-28861).
    /// </summary>
    public string Path => _cycle.Request.PathOf(Connection);

    /// <summary><c>HTTP/1.0</c> or <c>HTTP/1.1</c>, as the request says; an unknown later 1.x counts as 1.1.</summary>
    public string RequestVersion => IsHttp11Request ? "HTTP/1.1" : "HTTP/1.0";

    /// <summary>The request's header fields.</summary>
    public HttpHeaders Headers => _cycle.Request.Headers ?? _cycle.Request.ReadHeaders(Connection, CreateHeaders());

    /// <summary>
    /// The request body, decoded, ending where the body ends. A body that breaks the protocol throws
    /// <see cref="RequestFaultException"/>.
    /// </summary>
    public Stream Rfile => _cycle.Request.BodyOf(Connection);

    /// <summary>
    /// The way to the client. After <see cref="EndHeaders"/> it takes the body; without any head it takes raw bytes, and the
    /// connection ends after them. Small writes are gathered: <see cref="Stream.Flush"/> sends them.
    /// </summary>
    public Stream Wfile => Connection.Response;

    /// <summary>
    /// The client: an <see cref="IPEndPoint"/>, or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>. Of a request that
    /// came through trusted proxies (<see cref="HttpServerOptions.TrustedProxies"/>) it is the address that these name, its port
    /// 0 if they do not tell it.
    /// </summary>
    public EndPoint ClientAddress => _cycle.Client.AddressOf(Connection);

    /// <summary>The other end of the connection: the client, or the proxy that is next to this server.</summary>
    public EndPoint PeerAddress => Connection.Peer;

    /// <summary>Whether the client speaks HTTPS: with this server, or with a trusted proxy that says so.</summary>
    public bool IsSecure => _cycle.Client.IsSecure(Server);

    /// <summary><c>https</c> or <c>http</c>, as <see cref="IsSecure"/> has it.</summary>
    public string Scheme => IsSecure ? "https" : "http";

    /// <summary>
    /// The host that the client asked for, with its port if it is not the scheme's own: what a trusted proxy says, or else the
    /// Host header. Null if there is neither.
    /// </summary>
    public string? Host => _cycle.Client.FindHost(Connection, Server);

    /// <summary>
    /// How the request was authenticated, <c>Basic</c> say; null, as before each request, if it was not. Code that authenticates
    /// sets it, for the log and for CGI programs.
    /// </summary>
    public string? AuthType { get => _cycle.Request.AuthType; set => _cycle.Request.AuthType = value; }

    /// <summary>
    /// The user that the request was authenticated as; null, as before each request, if it was not. Code that authenticates sets
    /// it.
    /// </summary>
    public HttpUser? User { get => _cycle.Request.User; set => _cycle.Request.User = value; }

    /// <summary>The name of <see cref="User"/>; to set it makes a user without roles.</summary>
    /// <exception cref="ArgumentException">The name is empty, or has a control character.</exception>
    public string? RemoteUser
    {
        get => _cycle.Request.User?.Name;
        set => _cycle.Request.User = value is null ? null : new HttpUser(value);
    }

    /// <summary>
    /// The users whose requests are answered; null, the default: no password is asked for. Other requests are answered 401 before
    /// anything else is looked at: files, methods, programs and the request's body. Of a request that is let through,
    /// <see cref="AuthType"/> is <c>Basic</c> and <see cref="RemoteUser"/> the user.
    /// </summary>
    public BasicAuthentication? Authentication { get; set; }

    /// <summary>
    /// Who may ask for anything, beside those of <see cref="Authentication"/>; null, the default: everybody. Other requests are
    /// answered 401, or 403 where the user is known, before anything else is looked at. Of a request that is let through,
    /// <see cref="User"/> is the user.
    /// </summary>
    public AccessPolicy? Access { get; set; }

    /// <summary>
    /// The pattern that the request's path matched, <c>/items/{id}</c> say, for metrics and traces, where a path itself would be
    /// one of too many. Null, as before each request, if there is none; a class that routes sets it.
    /// </summary>
    public string? Route
    {
        get => _cycle.Route;
        set => _cycle.Route = value;
    }

    /// <summary>
    /// Has each request answered: called with the handler and with what answers the request, calls that on a thread of its choice
    /// and gives a task that ends with it. Null, the default: a request is answered where it was read. For handlers whose code is
    /// bound to threads, as that of PowerShell classes is; the code that makes the handler sets it. What it throws is answered
    /// like an exception of the handler. What the library's own methods still have to read and to send when the handler's method
    /// has ended is done after the call.
    /// </summary>
    public Func<BaseHttpRequestHandler, Func<ValueTask>, ValueTask>? RequestInvoker { get; set; }

    /// <summary>
    /// Whether what overrides the handler's methods may run only where <see cref="RequestInvoker"/> has answers run. Default
    /// true: listings, archives and compression are made there then, one for each call. False, for a class that adds <c>Do*</c>
    /// methods alone, has them wait at their limits and made at threads of their own, as without an invoker.
    /// </summary>
    public bool OverridesNeedInvoker { get; set; } = true;

    /// <summary>
    /// Names the request in the log: the connection's number in this server, a hyphen, the request's number on the connection.
    /// </summary>
    public string RequestId => RequestRecord.FormatId(Connection.Number, RequestNumber);

    /// <summary>
    /// Whether an answer to the request has begun: <see cref="SendResponse"/> was called, or bytes were written to
    /// <see cref="Wfile"/>.
    /// </summary>
    public bool HasAnswered =>
        !_cycle.Head.IsMissing || (Connection.Response.Framing == Framing.Raw && Connection.Response.Written > 0);

    /// <summary>The status of the answer so far; 0 if there is none.</summary>
    protected int Status => _cycle.Head.Status;

    /// <summary>What messages about the handler's own faults call it; the name of its class by default.</summary>
    protected virtual string LogName => HandlerMembers.NameOfClass(this);

    internal Connection Connection => _connection ?? throw NotBound();

    /// <summary>A server has bound the handler to a connection.</summary>
    internal bool IsBound => _connection is not null;

    internal VerbTable<BaseHttpRequestHandler> Methods => _methods;

    internal RequestCycle Cycle => _cycle;

    internal ReadOnlySpan<byte> HeadBytes => Connection.Input.HeadBytes;

    internal RequestHead Head => Connection.Input.Head;

    /// <summary>The requests of this connection are counted from 1.</summary>
    internal int RequestNumber => Connection.RequestCount;

    /// <summary>When the request had been read, in UTC.</summary>
    internal DateTime RequestTime => _cycle.Request.Time;

    /// <summary>The time since the request's head was read: for <see cref="LogRequest"/>, what the answer took.</summary>
    protected TimeSpan Elapsed => Connection.Options.TimeProvider.GetElapsedTime(_cycle.StartedAt);

    /// <summary>The request target from its path on, or what a local redirect put in its place.</summary>
    internal ReadOnlySpan<byte> TargetBytes => _cycle.Request.TargetOf(Connection);

    /// <summary>The request is answered with another resource than it asked for (RFC 3875, section 6.2.2).</summary>
    internal bool IsRedirected => _cycle.Request.IsRedirected;

    /// <summary>The client's address for the log, <c>-</c> for none.</summary>
    internal string ClientText => _cycle.Client.TextOf(Connection);

    /// <summary>The port that the client connected to, as far as that is known.</summary>
    internal int ClientFacingPort => _cycle.Client.FindPort(Connection, Server);

    /// <summary>The status of an answer that turned out to be less than it announced.</summary>
    private protected virtual int BrokenAnswerStatus => 500;

    Connection IHandlerContext.Connection => Connection;

    DateTime IHandlerContext.RequestTime => RequestTime;

    string IRequestHandler.LogName => LogName;

    bool IRequestHandler.LogsByItself => _logsByItself;

    bool IRequestHandler.HandlesOneRequest => _handlesOneRequest;

    bool IRequestHandler.MakesErrors => _makesErrors;

    bool IRequestHandler.HasInvoker => RequestInvoker is not null;

    int IRequestHandler.BrokenAnswerStatus => BrokenAnswerStatus;

    private bool IsHttp11Request => Head.MinorVersion >= 1;

    private bool IsHttp11Server => ProtocolVersion == "HTTP/1.1";

    /// <summary>
    /// Serves the connection until it ends: <see cref="HandleOneRequestAsync"/> again and again (Python:
    /// <c>handle</c>).
    /// </summary>
    public virtual ValueTask HandleAsync() => _cycle.ServeAsync();

    /// <summary>
    /// The way of one request, from its first byte to the last of its answer (Python:
    /// <c>handle_one_request</c>).
    /// </summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public virtual ValueTask HandleOneRequestAsync() => _cycle.ServeOneAsync();

    /// <summary>
    /// Waits until the client has left, as far as that can be told: not before the request body has been read to its
    /// end.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting; the request must not end before the returned task has.</param>
    /// <returns>True if the client has left; false if that cannot be told, or the waiting was ended.</returns>
    public Task<bool> WaitForDepartureAsync(CancellationToken cancellationToken) =>
        Connection.WaitForDepartureAsync(HalfCloseTime, cancellationToken);

    /// <summary>
    /// Called when a request with <c>Expect: 100-continue</c> has been read and before its method is called. This one has
    /// <c>100 Continue</c> sent as soon as the method reads from <see cref="Rfile"/>, so that a body that is not read is never
    /// asked for.
    /// </summary>
    /// <returns>True to go on; false if the override has answered, with <c>SendError(417)</c> say.</returns>
    public virtual bool HandleExpect100()
    {
        Connection.Body.ContinueOnRead();
        return true;
    }

    /// <summary>
    /// Counts the request against a limit of a part of the site, and answers it with 429 and Retry-After where it is one too
    /// many. A limit for all requests of a server is <see cref="HttpServerOptions.RateLimit"/>.
    /// </summary>
    /// <param name="limit">Kept by the caller: each object counts for itself, in each server, 32,768 clients at most.</param>
    /// <returns>False if the request has been answered.</returns>
    /// <exception cref="InvalidOperationException">The request was answered before.</exception>
    public bool TryAdmit(RateLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        return AnswerIfRefused((Server as IAdmissionOwner)?.LimiterOf(limit).Take(Connection, ClientAddress, RemoteUser));
    }

    /// <summary>
    /// The same, where servers share a store: a limit with a <see cref="RateLimit.Name"/> counts the requests to all of them.
    /// While the store is away, this server counts its own.
    /// </summary>
    /// <param name="limit">Kept by the caller.</param>
    /// <returns>False if the request has been answered.</returns>
    /// <exception cref="InvalidOperationException">The request was answered before.</exception>
    public async ValueTask<bool> TryAdmitAsync(RateLimit limit)
    {
        ArgumentNullException.ThrowIfNull(limit);
        return AnswerIfRefused(Server is IAdmissionOwner owner
            ? await owner.LimiterOf(limit).TakeAsync(Connection, ClientAddress, RemoteUser).ConfigureAwait(false)
            : null);
    }

    /// <summary>
    /// Opens the session of the request, for it alone: other requests of the same browser that want it wait until this one ends.
    /// What has changed is kept when the handler's method has ended, and not if it throws; a cookie goes out with the head of
    /// the answer. Asked for again, it is the same object.
    /// </summary>
    /// <exception cref="InvalidOperationException">The server keeps no sessions: <see cref="HttpServerOptions.Sessions"/> is
    /// null.</exception>
    /// <exception cref="State.HttpStateStoreException">The store is away, or another request has the session for longer than
    /// <see cref="HttpSessionOptions.LockTimeout"/>.</exception>
    public ValueTask<HttpSession> OpenSessionAsync() => NeedSession().OpenAsync();

    /// <summary>The same for code that cannot wait otherwise, as that of PowerShell classes: it holds its thread up.</summary>
    /// <inheritdoc cref="OpenSessionAsync"/>
    public HttpSession OpenSession()
    {
        var opening = OpenSessionAsync();
        return opening.IsCompleted ? opening.GetAwaiter().GetResult() : opening.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>
    /// Keeps what has changed in the session, and gives it back for other requests before the handler's method ends, which may
    /// take its time then. It can be read from then on, and not changed. Without an open session it does nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The session is larger than <see cref="HttpSessionOptions.MaxBytes"/>, or was
    /// begun, renewed or cleared after the head of the answer had been sent: it stays as it was.</exception>
    /// <exception cref="State.HttpStateStoreException">The store is away, or somebody else has changed the session.</exception>
    public ValueTask EndSessionAsync() => _cycle.KnownSession is { IsOpen: true } session ? session.EndAsync() : default;

    /// <summary>
    /// Whether a text that came with a form, or in the header <c>X-CSRF-Token</c>, is one that the session has made by
    /// <see cref="HttpSession.MakeFormToken"/>. The session is not opened for that.
    /// </summary>
    /// <param name="token">The text; null for nothing.</param>
    /// <inheritdoc cref="OpenSessionAsync"/>
    public ValueTask<bool> IsFormTokenAsync(string? token) => NeedSession().IsFormTokenAsync(token);

    /// <summary>
    /// Answers with a status line and the headers Server and Date; more headers and <see cref="EndHeaders"/>
    /// follow.
    /// </summary>
    /// <param name="code">The status, 100 to 999.</param>
    /// <param name="message">The reason phrase; null for the registered one.</param>
    /// <exception cref="ArgumentException">The phrase has CR, LF, another control character or a character beyond
    /// Latin-1.</exception>
    /// <exception cref="InvalidOperationException">The request has been answered already.</exception>
    public virtual void SendResponse(int code, string? message = null)
    {
        if (message is null && _startsAsUsual && SendsHeadersAsGiven && ResponseStarts.Keeps(code))
            SendUsualStart(code);
        else
            SendStart(code, message, VersionString(), DateTimeString());
        // The challenge is added here, so that an error page of a class's own has it too.
        if (_cycle.Access.IsDenied && code is not (302 or 303))
            _cycle.Access.SendChallenges(this);
        else if (_cycle.Access.Proof is { } proof)
            SendHeader("WWW-Authenticate", proof);
    }

    /// <summary>Answers with a status line alone.</summary>
    /// <inheritdoc cref="SendResponse"/>
    public virtual void SendResponseOnly(int code, string? message = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(code, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, 999);
        ThrowIfAnswered(code);
        _cycle.Head.Begin(Connection.Output, ProtocolVersion, code, message ?? HttpReasons.PhraseOf(code));
        Connection.Response.Begin(Framing.HeadOpen);
    }

    /// <summary>
    /// Adds a header to the answer. <c>Connection: close</c> and <c>keep-alive</c> set
    /// <see cref="CloseConnection"/>.
    /// </summary>
    /// <param name="keyword">The name, a token.</param>
    /// <param name="value">The value, in Latin-1. Text beyond that is percent-encoded in Location and Content-Location, and
    /// written by RFC 8187 in the file name of Content-Disposition.</param>
    /// <exception cref="ArgumentException">The name is no token, the value has CR, LF, NUL, another control character or a
    /// character beyond Latin-1, or it is a length that contradicts itself.</exception>
    /// <exception cref="InvalidOperationException">There is no answer yet, or its headers have been ended.</exception>
    public virtual void SendHeader(string keyword, string value)
    {
        ArgumentNullException.ThrowIfNull(keyword);
        ArgumentNullException.ThrowIfNull(value);
        _cycle.Head.Add(Connection.Output, keyword, value);
    }

    /// <summary>
    /// Ends the headers. What the handler left open is settled here: without a length the body goes in chunks (HTTP/1.1) or
    /// until the connection ends (HTTP/1.0), and the connection's fate is told. After an interim answer (1xx) the final one may
    /// follow.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no answer yet, or its headers have been ended.</exception>
    public virtual void EndHeaders()
    {
        var head = _cycle.Head;
        if (!head.IsOpen)
            throw new InvalidOperationException("EndHeaders needs one SendResponse before it.");
        if (head.TryEndInterim(Connection.Output))
        {
            Connection.Response.Begin(Framing.Raw);
            return;
        }

        if (_cycle.KnownSession?.Announce() is { } cookie)
            SendSession(cookie);
        // A client that learns in time that the connection ends does not send another request on it.
        if (Server.IsDraining)
            _cycle.KeepAlive.Disable(CloseReason.ServerEnds);
        var framing = head.End(this, IsHttp11Request, IsHttp11Server);
        Connection.Response.Begin(framing, head.ContentLength);
        FlushHeaders();
    }

    /// <summary>
    /// Passes the headers on to the way to the client. <see cref="EndHeaders"/> calls it; it fills a buffer, which is sent with
    /// the body or when <see cref="Wfile"/> is flushed.
    /// </summary>
    public virtual void FlushHeaders()
    {
    }

    /// <summary>
    /// Answers with an error page, and with the same as <c>application/problem+json</c> (RFC 9457) if the client prefers JSON and
    /// <see cref="ErrorContentType"/> is HTML. Nothing of the page is taken over unescaped. For HEAD, and for statuses that have
    /// no body, the page is left out. The connection goes on, unless <see cref="CloseConnection"/> is set or the rest of the
    /// request's body is in the way.
    /// </summary>
    /// <param name="code">The status.</param>
    /// <param name="message">One line; null for the registered reason phrase, <c>???</c> if there is none.</param>
    /// <param name="explain">Longer text; null for the registered explanation, <c>???</c> if there is none.</param>
    /// <exception cref="InvalidOperationException">The request has been answered already.</exception>
    public virtual void SendError(int code, string? message = null, string? explain = null)
    {
        var known = HttpReasons.TryGet(code, out var reason);
        var detail = explain ?? message ?? (known ? reason.Explanation : "???");
        message ??= known ? reason.Phrase : "???";
        explain ??= known ? reason.Explanation : "???";
        // The log's line of the request has the status. A class that logs by itself is also called as in Python.
        if (_logsByItself)
            LogError("code {0}, message {1}", code, message);
        SendResponse(code, ResponseHead.ToReasonPhrase(message));
        if (CloseConnection || !IsHttp11Server || !Connection.Body.IsWorthDraining(RequestCycle.MaxDrained))
            SendHeader("Connection", "close");
        if (_cycle.Request.Refusal?.Upgrade is { } upgrade)
        {
            SendHeader("Upgrade", upgrade);
            SendHeader("Connection", "Upgrade");
            SendHeader("Sec-WebSocket-Version", WebSocketHandshake.Version);
        }

        // The reasons for 503 pass within seconds, so the client may try again (RFC 9110, section 15.6.4).
        if (_cycle.Request.Refusal is { RetryAfter: > 0 and var seconds })
            SendHeader("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
        else if (code == 503)
            SendHeader("Retry-After", "1");

        var page = Array.Empty<byte>();
        if (code >= 200 && code is not (204 or 205 or 304))
        {
            var format = ErrorMessageFormat;
            var policy = ErrorPage.SecurityPolicyOf(format);
            var isProblem = PrefersProblemDetails();
            page = isProblem
                ? ProblemDetails.Render(code, known ? reason.Phrase : message, detail)
                : Encoding.UTF8.GetBytes(FinishErrorPage(ErrorPage.Render(format, code, message, explain), code, ref policy));
            SendHeader("Content-Type", isProblem ? ProblemDetails.ContentType : ErrorContentType);
            SendHeader("Content-Length", page.Length.ToString(CultureInfo.InvariantCulture));
            SendHeader("Content-Security-Policy", policy);
            SendHeader("X-Content-Type-Options", "nosniff");
            SendHeader("Referrer-Policy", "same-origin");
        }

        EndHeaders();
        if (Command != "HEAD")
            Wfile.Write(page);
    }

    /// <summary>
    /// Answers with text in one call: 200, Content-Type, Content-Length, and the text in UTF-8 unless the request is
    /// HEAD.
    /// </summary>
    /// <param name="text">The body.</param>
    /// <param name="contentType">Its type.</param>
    /// <param name="code">The status.</param>
    public void SendText(string text, string contentType = "text/plain; charset=utf-8", int code = 200)
    {
        var body = Encoding.UTF8.GetBytes(text);
        SendResponse(code);
        SendHeader("Content-Type", contentType);
        SendHeader("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
        EndHeaders();
        Wfile.Write(body);
    }

    /// <summary>
    /// Answers with the events of a channel, as they come: the method returns at once and leaves its thread, and the request goes
    /// on until the client leaves, the channel ends or the server does. Of a client that comes back with <c>Last-Event-ID</c>,
    /// what it has missed comes first, as far as the channel has kept it. The connection ends with the answer. A HEAD request
    /// gets the head alone.
    /// </summary>
    /// <param name="channel">The channel, which may serve several servers.</param>
    /// <exception cref="InvalidOperationException">The request has been answered already.</exception>
    public void SendEvents(HttpEventChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        SendResponse(200);
        SendHeader("Content-Type", "text/event-stream");
        SendHeader("Cache-Control", "no-store");
        SendHeader("X-Content-Type-Options", "nosniff");
        // nginx would gather events before it passes them on.
        SendHeader("X-Accel-Buffering", "no");
        SendHeader("Connection", "close");
        EndHeaders();
        if (Command == "HEAD")
            return;
        var lastId = Headers["Last-Event-ID"];
        _cycle.Pending.ContinueWith(() => channel.ListenAsync(this, string.IsNullOrEmpty(lastId) ? null : lastId));
    }

    /// <summary>Whether the request asks for a WebSocket, rightly or not.</summary>
    public bool AsksForWebSocket() => WebSocketHandshake.IsAskedFor(this);

    /// <summary>
    /// Agrees to a WebSocket (RFC 6455): the method returns at once and leaves its thread, and the messages go to what is given
    /// here. A request that is no handshake is answered 426, one with a wrong key 400, and that of a page of another origin 403.
    /// The log has the request when the handshake has been answered. At the end of the server WebSockets are closed with 1001.
    /// </summary>
    /// <param name="handler">Answers the messages; it may serve any number of WebSockets.</param>
    /// <param name="options">What is granted; null for the defaults.</param>
    /// <returns>False if the request has been refused, and answered so.</returns>
    /// <exception cref="InvalidOperationException">The request has been answered already.</exception>
    public bool AcceptWebSocket(IHttpWebSocketHandler handler, HttpWebSocketOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        options ??= HttpWebSocketOptions.Default;
        return TrySwitch(options, terms => new HttpWebSocket(
            Connection, terms, options,
            new WebSocketRequest(RequestId, Path, Headers, ClientAddress, ClientText, User, LogName)).ServeAsync(handler));
    }

    /// <summary>What the Server header says: <see cref="ServerVersion"/> and <see cref="SysVersion"/>.</summary>
    public virtual string VersionString() => _versionString ??= $"{ServerVersion} {SysVersion}".Trim();

    /// <summary>A date as headers carry it: <c>Sun, 06 Nov 1994 08:49:37 GMT</c>.</summary>
    /// <param name="timestamp">The time; null for now.</param>
    public virtual string DateTimeString(DateTimeOffset? timestamp = null) =>
        timestamp is { } time ? HttpDate.Format(time.UtcDateTime) : Connection.Clock.HttpDate(Connection.Clock.UtcNow);

    /// <summary>
    /// Called once for each request when its answer has been sent. This one tells the server's log; a class with its own
    /// <see cref="LogMessage"/> is told in Python's words instead.
    /// </summary>
    /// <param name="code">The status; 0 if there was no answer.</param>
    /// <param name="size">Bytes of the body.</param>
    public virtual void LogRequest(int code, long size)
    {
        if (_logsByItself)
        {
            LogMessage("\"{0}\" {1} {2}", RequestLine, code, size);
            return;
        }

        var log = Connection.Options.Log;
        if (!log.TakesRequests)
            return;
        var head = Head;
        var bytes = HeadBytes;
        var record = new RequestRecord
        {
            Connection = Connection.Number,
            Number = RequestNumber,
            Time = RequestTime,
            Elapsed = Elapsed,
            Client = AddressString(),
            IsSecure = IsSecure,
            Host = _cycle.Client.FindHostBytes(Connection, Server),
            User = RemoteUser,
            RequestLine = head.RequestLine.Of(bytes),
            Status = code,
            BodyBytes = size,
            Referer = head.Find(bytes, "referer"u8, out _),
            UserAgent = head.Find(bytes, "user-agent"u8, out _),
        };
        log.Request(record);
    }

    /// <summary>
    /// Logs what went wrong: a handler's mistake, and, in a class with a log method of its own, each <see cref="SendError"/>, as
    /// in Python. Passes on to an override of <see cref="LogMessage"/>, else to the server's log as an error.
    /// </summary>
    /// <param name="format">A .NET composite format.</param>
    /// <param name="args">Its arguments.</param>
    public virtual void LogError(string format, params object?[] args)
    {
        if (_logsByItself)
            LogMessage(format, args);
        else
            Connection.Options.Log.Message(LogLevel.Error, AddressString(), Format(format, args));
    }

    /// <summary>Logs a message with the client's address; control characters are escaped where it is shown.</summary>
    /// <param name="format">A .NET composite format.</param>
    /// <param name="args">Its arguments.</param>
    public virtual void LogMessage(string format, params object?[] args) => Connection.Options.Log.Message(
        LogLevel.Information, AddressString(), Format(format, args));

    /// <summary>The time in the form of Python's log: <c>23/Nov/2026 09:30:00</c>, local.</summary>
    public virtual string LogDateTimeString() =>
        Connection.Options.TimeProvider.GetLocalNow().ToString("dd/MMM/yyyy HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>
    /// The client's address as text, without its port; <c>-</c> for a Unix domain socket. No name is looked
    /// up.
    /// </summary>
    public virtual string AddressString() => ClientText;

    /// <summary>
    /// Takes the whole request body in, so that the code that answers does not wait for the client: afterwards
    /// <see cref="Rfile"/> gives it from memory or, when it is longer, from a temporary file that ends with the request. To be
    /// called before anything is read.
    /// </summary>
    /// <param name="inMemory">Longest body that is kept in memory, in bytes.</param>
    /// <exception cref="RequestFaultException">The body breaks the protocol or a limit, or the client is too slow.</exception>
    protected ValueTask StoreBodyAsync(int inMemory) => _cycle.Request.StoreBodyAsync(Connection, inMemory);

    /// <summary>
    /// Lowers what the body of this request may measure, below <see cref="HttpServerOptions.MaxRequestBodySize"/>. To be called
    /// before anything of it is read.
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
    /// Who may ask for what this request asks for, for a class that routes. Its schemes take the place of
    /// <see cref="Authentication"/> and of those of <see cref="Access"/>, its roles of the roles there. Called before each
    /// request is answered, where it was read and not where <see cref="RequestInvoker"/> has it answered.
    /// </summary>
    /// <returns>Null, the default, for who may ask for anything.</returns>
    protected virtual AccessPolicy? FindAccess() => null;

    /// <summary>
    /// What is granted to a WebSocket that is opened for what this request asks for, for a class that has a method
    /// <c>DoWebSocketAsync</c>. Called for a GET that asks for one, and for each other for which the class has no method.
    /// </summary>
    /// <returns>Null for none: the request is answered by the method of its verb. By default, the defaults.</returns>
    protected virtual HttpWebSocketOptions? FindWebSocket() => HttpWebSocketOptions.Default;

    /// <summary>
    /// Makes the object that <see cref="Headers"/> gives; an override may bring its own kind (Python: <c>MessageClass</c>).
    /// </summary>
    protected virtual HttpHeaders CreateHeaders() => new();

    /// <summary>The method for a path of the server itself, which no subclass answers; null for all others.</summary>
    internal virtual Func<BaseHttpRequestHandler, ValueTask>? FindReservedMethod() => null;

    ValueTask IRequestHandler.InvokeAsync(Func<ValueTask> answer) => RequestInvoker!(this, answer);

    Delegate? IRequestHandler.FindMethod(bool isPreflight) =>
        isPreflight ? PreflightMethod : FindReservedMethod() ?? FindWebSocketMethod() ?? FindMethod(Command);

    ValueTask IRequestHandler.CallAsync(Delegate method) => ((Func<BaseHttpRequestHandler, ValueTask>)method)(this);

    bool IRequestHandler.TryPrepare() => TryPrepare();

    bool IRequestHandler.IsPreflight() => IsPreflight();

    AccessPolicy? IRequestHandler.FindAccess() => FindAccess();

    UrlPath? IRequestHandler.FindUrl() => FindUrl();

    /// <summary>The canonical path that is asked for; null if there is none.</summary>
    internal UrlPath? FindUrl()
    {
        UrlPath.TryParse(TargetBytes is { IsEmpty: false } target ? target : "/"u8, OperatingSystem.IsWindows(), out var url);
        return url;
    }

    void IRequestHandler.ResetRequest() => BeginExchange();

    string IRequestHandler.NameOf(ReadOnlySpan<byte> method) => _methods.NameOf(method);

    /// <summary>
    /// Whether a page of another origin has had the browser send the request. Newer browsers say so in <c>Sec-Fetch-Site</c>,
    /// older ones in <c>Origin</c>; a client that sends neither is no browser.
    /// </summary>
    private protected virtual bool IsCrossOrigin() =>
        !RequestOrigin.IsOwn(Headers["Sec-Fetch-Site"], Headers["Origin"], Host, IsSecure);

    private Func<BaseHttpRequestHandler, ValueTask>? FindWebSocketMethod() =>
        HandlerMembers.AreSearched && _methods.WebSocketMethod is { } serve && Command is ("GET" or "HEAD")
            && (AsksForWebSocket() || FindMethod(Command) is null) && FindWebSocket() is { } options
            ? MakeWebSocketMethod(serve, options)
            : null;

    private static Func<BaseHttpRequestHandler, ValueTask> MakeWebSocketMethod(
        Func<BaseHttpRequestHandler, WebSocket, Task> serve, HttpWebSocketOptions options) => handler =>
    {
        handler.TrySwitch(options, terms => RawWebSocket.ServeAsync(
            handler.Connection, terms, options, handler.ClientText, socket => serve(handler, socket),
            handler.ReportWebSocket));
        return default;
    };

    /// <summary>Answers the handshake; a request that is none is refused.</summary>
    private bool TrySwitch(HttpWebSocketOptions options, Func<WebSocketTerms, ValueTask> serve)
    {
        options.Validate();
        var refusal = WebSocketHandshake.FindRefusal(this)
            ?? (!options.AllowCrossOrigin && IsCrossOrigin() ? WebSocketHandshake.ForeignOrigin : null);
        if (!AnswerIfRefused(refusal))
            return false;
        var terms = WebSocketHandshake.Agree(this, options);
        // HTTP/1.0 has no upgrades (RFC 9110, section 7.8), and nothing else will be answered here.
        ProtocolVersion = "HTTP/1.1";
        WebSocketHandshake.SendHead(this, terms);
        _cycle.Pending.SwitchTo(() => serve(terms));
        return true;
    }

    private void ReportWebSocket(Exception exception)
    {
        Connection.RecordError();
        Connection.Options.Log.Fault(ClientText, RequestId, $"{LogName} failed at the WebSocket \"{Path}\"", exception);
    }

    /// <summary>Finds out whether the method will answer from memory, without waiting for anything.</summary>
    internal virtual bool TryPrepare() => false;

    /// <summary>Called before each request, for a subclass to forget the one before.</summary>
    internal virtual void BeginExchange()
    {
    }

    /// <summary>Whether the request is one of CORS that has to be answered before a password has been given.</summary>
    internal virtual bool IsPreflight() => false;

    /// <summary>Answers such a request, without a look at what its path means.</summary>
    internal virtual void AnswerPreflight() =>
        throw new InvalidOperationException("A handler that knows preflights answers them.");

    /// <returns>False if the request was refused, and has been answered so.</returns>
    private bool AnswerIfRefused(Refusal? refusal)
    {
        if (refusal is null)
            return true;
        _cycle.Request.Refuse(refusal);
        SendError(refusal.Status, null, refusal.Explanation);
        return false;
    }

    /// <summary>Binds the handler to its connection; called once, before anything else.</summary>
    internal void Bind(Connection connection, IHttpServer server)
    {
        _connection = connection;
        _server = server;
        _cycle.Bind(connection, server);
    }

    /// <summary>Goes on with another path in place of the request's own.</summary>
    internal void RedirectTo(string target) => _cycle.Request.RedirectTo(target);

    /// <summary>
    /// Whether the client prefers JSON for its errors. A class whose own error pages are no HTML has chosen for all clients.
    /// </summary>
    private protected bool PrefersProblemDetails()
    {
        if (!ErrorContentType.StartsWith("text/html", StringComparison.OrdinalIgnoreCase))
            return false;
        VaryBy("Accept");
        return ProblemDetails.ArePreferred(RepeatedField.Read(Head, HeadBytes, "accept"u8));
    }

    bool IHandlerContext.SendsHeadersAsGiven => SendsHeadersAsGiven;

    /// <inheritdoc cref="IHandlerContext.SendsHeadersAsGiven"/>
    private protected virtual bool SendsHeadersAsGiven => !_changesHeaders;

    void IHandlerContext.SendHeaders(HeaderLines lines) => _cycle.Head.Add(Connection.Output, lines);

    /// <summary>Says in Vary that the answer depends on a header of the request.</summary>
    private protected virtual void VaryBy(string header) => SendHeader("Vary", header);

    /// <summary>Changes an error page before it is sent, and what it may do.</summary>
    private protected virtual string FinishErrorPage(string page, int code, ref string policy) => page;

    private RequestSession NeedSession() => _cycle.FindSession() ?? throw new InvalidOperationException(
        "This server keeps no sessions: set Sessions of its options (-Session of Start-HttpServer).");

    /// <summary>Who else keeps the answer would give the cookie to somebody else.</summary>
    private void SendSession(string cookie)
    {
        SendHeader("Set-Cookie", cookie);
        if (!_cycle.Head.HasCacheControl)
            SendHeader("Cache-Control", "no-store");
    }

    private static string Format(string format, object?[] args) =>
        args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);

    private void ThrowIfAnswered(int code)
    {
        if (HasAnswered)
            throw new InvalidOperationException(
                $"The request has been answered already, with {Status}: there can be no second answer ({code}).");
    }

    private void SendStart(int code, string? message, string version, string date)
    {
        SendResponseOnly(code, message);
        if (version.Length > 0)
            SendHeader("Server", version);
        SendHeader("Date", date);
    }

    /// <summary>Begins an answer as others of this second have begun.</summary>
    private void SendUsualStart(int code)
    {
        ThrowIfAnswered(code);
        var (clock, output) = (Connection.Clock, Connection.Output);
        var (version, date) = (VersionString(), clock.HttpDate(clock.UtcNow));
        if (clock.Starts.Find(code, ProtocolVersion, version, date) is { } known)
        {
            _cycle.Head.Begin(output, known, code);
            Connection.Response.Begin(Framing.HeadOpen);
            return;
        }

        var start = output.Count;
        SendStart(code, null, version, date);
        clock.Starts.Keep(code, ProtocolVersion, version, date, HeaderLines.Copy(output, start, "", contentLength: -1));
    }

    private static InvalidOperationException NotBound() =>
        new("The handler is not bound to a connection: a server binds it, and only then are its request and its streams there.");
}
