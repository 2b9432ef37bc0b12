using System.Net;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Filters;
using Http.Server.PowerShell.Handlers.Forms;
using Http.Server.PowerShell.Handlers.Sessions;
using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.PowerShell.Handlers.WebSockets;
using Http.Server.PowerShell.Logging;
using Http.Server.PowerShell.Routing;

namespace Http.Server.PowerShell;

/// <summary>
/// Answers a connection's requests with scriptblocks where one is registered, and with files and CGI programs everywhere else. In
/// a scriptblock it is <c>$this</c>.
/// </summary>
public sealed class ScriptHttpRequestHandler : CgiHttpRequestHandler
{
    private readonly IHandlerHost _host;
    private ScriptCall? _call;
    private RegisteredHandler? _handler;
    private IReadOnlyList<string>? _taskMethods;
    private ScriptResponse? _response;
    private AnswerStream? _output;
    private BodyOfRequest? _input;
    private HttpSessionTable? _session;
    private Func<ValueTask>? _rest;
    private bool _isRaw;
    private bool _isAnswering;

    internal ScriptHttpRequestHandler(IHandlerHost host) => _host = host;

    /// <summary>
    /// Longest request body, in bytes, that waits for its handler in memory; a longer one waits in a temporary
    /// file.
    /// </summary>
    private const int MaxBodyInMemory = 64 * 1024;

    /// <summary>
    /// The way to the client. The first write begins the answer, with what <c>$Response</c> says, unless
    /// <see cref="SendResponse"/> or <see cref="SendRaw"/> has; it ends with the request.
    /// </summary>
    public new Stream Wfile => _output ??= new AnswerStream(this, base.Wfile, hasEnded: !_isAnswering);

    /// <summary>
    /// The request body; it ends with the request. It has been received before the handler is called, unless the handler was
    /// registered with <c>-Stream</c>.
    /// </summary>
    public new Stream Rfile => _input ??= new BodyOfRequest(base.Rfile, hasEnded: !_isAnswering);

    /// <summary>The registered handler's name while it answers.</summary>
    protected override string LogName => _handler?.Name ?? base.LogName;

    internal int ResponseStatus => Status;

    internal IPEndPoint? Remote => ClientAddress as IPEndPoint;

    internal IReadOnlyList<string>? Segments => PathSegments;

    /// <inheritdoc/>
    public override ValueTask HandleOneRequestAsync()
    {
        // The handler is kept until the next request begins: a failure is logged, with its name, after it has ended.
        (_handler, _taskMethods) = (null, null);
        return base.HandleOneRequestAsync();
    }

    /// <inheritdoc/>
    public override void LogRequest(int code, long size)
    {
        base.LogRequest(code, size);
        // Who looks at the figures does not change them.
        if (_host.Dashboard is { } dashboard && !dashboard.IsAt(PathSegments))
            dashboard.Count(_handler?.Script, code, _handler?.Channel is null ? Elapsed : null);
    }

    /// <inheritdoc/>
    protected override Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command)
    {
        if (_host.Dashboard is { } dashboard && dashboard.IsAt(PathSegments))
            return command is "GET" or "HEAD" ? SendDashboard : command == "OPTIONS" ? SendOptions : RefuseMethod;
        var routes = _host.Routes;
        return _host.Tasks.IsInUse && TaskAddress.TryRead(_host.Tasks.Root, PathSegments, out var address)
            ? FindTaskMethod(address, command)
            : FindUsual(routes, command);
    }

    private Func<BaseHttpRequestHandler, ValueTask>? FindUsual(HandlerRoutes routes, string command)
    {
        if (routes.Document?.IsAt(PathSegments) == true)
            return Filter(routes, command, command is "GET" or "HEAD" ? SendDocument
                : command == "OPTIONS" ? SendOptions : RefuseMethod);
        if (routes.HasWebSockets)
        {
            // The word is for handlers, and is no method of HTTP.
            if (command == SocketScripts.Method)
                return null;
            if (FindSocket(routes) is { IsFound: true } socket)
                return Answer(socket.Handler!, socket.Values);
        }

        if (!routes.IsEmpty)
        {
            var match = routes.Table.Find(command, PathSegments);
            if (match.IsFound)
                return Answer(match.Handler!, match.Values);
            var isOfOtherMethods = match.Allowed is { Count: > 0 };
            // CGI directories stay what they are under a handler for every path.
            if (!IsCgi() && routes.Table.FindPathless(command) is { IsFound: true } pathless)
                return Answer(pathless.Handler!, pathless.Values);
            if (!_host.ServesFiles)
                return FindWithoutFiles(command);
            if (isOfOtherMethods && command is not ("GET" or "HEAD") && !IsCgi())
                return command == "OPTIONS" ? SendOptions : RefuseMethod;
            if (command is not ("GET" or "HEAD" or "OPTIONS") && !IsCgi() && !(AllowUpload && command is "PUT" or "POST"))
                return Knows(routes.Table, command) ? static handler =>
                    ((ScriptHttpRequestHandler)handler).RefuseMethodAsync() : null;
        }

        if (!_host.ServesFiles)
            return FindWithoutFiles(command);
        var method = base.FindMethod(command);
        if (method is null)
            return null;
        var filtered = Filter(routes, command, method);
        return filtered == method && ScriptWorker.IsCurrentThread
            ? handler => AnswerElsewhereAsync(method, handler)
            : filtered;
    }

    /// <inheritdoc/>
    protected override AccessPolicy? FindAccess()
    {
        var routes = _host.Routes;
        if (routes.HasPolicies && TaskAddress.TryRead(_host.Tasks.Root, PathSegments, out var address)
            && (_host.Tasks.Store.IsShared || _host.Tasks.Find(address.Id) is not null))
            return routes.PolicyOfTask(address) ?? routes.ServerPolicy;
        return (routes.HasPolicies && !IsOwnPath(routes) ? FindAccess(routes) : null) ?? routes.ServerPolicy;
    }

    /// <inheritdoc/>
    protected override IEnumerable<string> GetKnownMethods() =>
        base.GetKnownMethods().Union(_host.Routes.Table.Methods).Except(["*", SocketScripts.Method])
            .Order(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void SendResponse(int code, string? message = null)
    {
        // A status that the script has set goes before the one of what is sent on its behalf.
        if (code == 200 && message is null && _response?.OwnStatus is { } own)
            code = own;
        base.SendResponse(code, message);
    }

    /// <inheritdoc/>
    public override void SendError(int code, string? message = null, string? explain = null)
    {
        if (code == 404 && FindAllowed() is { Count: > 0 })
            SendMethodNotAllowed();
        else
            base.SendError(code, message, explain);
    }

    /// <inheritdoc/>
    public override void EndHeaders()
    {
        if (Status == 405 && FindAllowed() is { } allowed)
            SendHeader("Allow", string.Join(", ", allowed));
        _response?.SendHeaders(this);
        _session?.BeginAnswer(ScriptWorker.IsCurrentThread);
        base.EndHeaders();
    }

    /// <inheritdoc cref="SimpleHttpRequestHandler.SendFileAsync"/>
    public new ValueTask SendFileAsync(string path, string? contentType = null) =>
        _response is { DescribesBytes: true }
            && Compression != CompressionPolicy.Off ? SendAsItIsAsync(path, contentType) : base.SendFileAsync(path, contentType);

    internal ScriptResponse Response => _response ??= new ScriptResponse(this);

    /// <summary><c>$Session</c>; null for a server that keeps none.</summary>
    internal HttpSessionTable? Session => Server.Options.Sessions is null ? null : _session ??= new HttpSessionTable(this);

    /// <summary>Keeps the session, if a script has used it, and gives it back.</summary>
    internal void EndSession() => _session?.End();

    /// <summary>Whether a request needs no token of the session, or has one. Called on a worker's thread.</summary>
    internal bool MayTakeForm(RegisteredHandler handler, ScriptRequest request)
    {
        if (!(handler.ChecksForms ?? _host.ChecksForms) || !FormCheck.IsNeeded(Command, request.ContentType))
            return true;
        // Of a handler that reads the body as it comes, it is the header alone.
        var token = request.Headers[FormCheck.Header] as string
            ?? (handler.Stream ? null : request.Form[FormCheck.Field] as string);
        var check = IsFormTokenAsync(token);
        return check.IsCompleted ? check.GetAwaiter().GetResult() : check.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>The way to the client, for the server's own writing.</summary>
    internal Stream Body => base.Wfile;

    /// <summary>The script writes the whole answer, the status line included.</summary>
    internal bool IsRaw => _isRaw;

    /// <summary>
    /// Begins an answer of which the script writes every byte to <see cref="Wfile"/>, the status line included. The connection
    /// ends after it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The request has been answered already.</exception>
    public void SendRaw()
    {
        if (HasAnswered)
            throw new InvalidOperationException(
                $"The request has been answered already, with {Status}: a raw answer cannot begin now.");
        _isRaw = true;
    }

    /// <summary>Begins the answer for a script that writes without having done so.</summary>
    internal void BeginWriting()
    {
        if (HasAnswered || _isRaw)
            return;
        SendResponse(Response.StatusCode, Response.StatusDescription);
        if (!Response.Headers.ContainsKey("Content-Type"))
            SendHeader("Content-Type", Response.ContentType ?? _handler?.ContentType ?? "application/octet-stream");
        EndHeaders();
    }

    /// <summary>
    /// Has the server send the body when the script has ended and its worker is free, so that a slow client does not keep a
    /// worker.
    /// </summary>
    internal void SendLater(Func<Stream, ValueTask> send) => _rest = () => send(base.Wfile);

    /// <summary>Has those filters see a request that see files.</summary>
    private Func<BaseHttpRequestHandler, ValueTask> Filter(
        HandlerRoutes routes, string command, Func<BaseHttpRequestHandler, ValueTask> method) =>
        routes.Filters.SeesFiles && routes.Filters.Find(command, PathSegments, isFile: true) is { } filters
            ? handler => ((ScriptHttpRequestHandler)handler).AnswerFilteredAsync(method, filters)
            : method;

    /// <summary>Whether the server itself answers for the path: with what describes the handlers, or what they do.</summary>
    private bool IsOwnPath(HandlerRoutes routes) =>
        routes.Document?.IsAt(PathSegments) == true || _host.Dashboard?.IsAt(PathSegments) == true;

    private static ValueTask SendDashboard(BaseHttpRequestHandler handler)
    {
        var self = (ScriptHttpRequestHandler)handler;
        return self._host.Dashboard is { } dashboard ? dashboard.AnswerAsync(self, self.PathSegments) : SendNotFound(handler);
    }

    private static ValueTask SendDocument(BaseHttpRequestHandler handler)
    {
        var self = (ScriptHttpRequestHandler)handler;
        return self._host.Routes.Document is { } document
            ? document.AnswerAsync(self, self.PathSegments, self._host.Workers)
            : SendNotFound(handler);
    }

    private static ValueTask SendOptions(BaseHttpRequestHandler handler)
    {
        var self = (ScriptHttpRequestHandler)handler;
        var allowed = self.FindAllowed() ?? [];
        if (self.TrySendPreflight(allowed))
            return default;
        self.SendResponse(204);
        self.SendHeader("Allow", string.Join(", ", allowed));
        self.EndHeaders();
        return default;
    }

    private static ValueTask RefuseMethod(BaseHttpRequestHandler handler)
    {
        ((ScriptHttpRequestHandler)handler).SendMethodNotAllowed();
        return default;
    }

    /// <summary>Whether a method is for something on this server, though not for the path of the request.</summary>
    private bool Knows(RouteTable<RegisteredHandler> routes, string command) =>
        routes.Methods.Contains(command) || routes.Methods.Contains("*") || (command == "POST" && CgiDirectories.Count > 0);

    /// <summary>
    /// The answer of a server without files to a request that no handler is for. No file is looked for, for any
    /// method.
    /// </summary>
    private Func<BaseHttpRequestHandler, ValueTask>? FindWithoutFiles(string command)
    {
        if (FindAllowed() is not null)
            return command == "OPTIONS" ? SendOptions : RefuseMethod;
        if (command == "OPTIONS" && Path == "*")
            return SendServerOptions;
        return command is "GET" or "HEAD" or "OPTIONS" || Knows(_host.Routes.Table, command) ? SendNotFound : null;
    }

    private static ValueTask SendServerOptions(BaseHttpRequestHandler handler)
    {
        var self = (ScriptHttpRequestHandler)handler;
        self.SendResponse(204);
        self.SendHeader("Allow", string.Join(", ", self.GetKnownMethods()));
        self.EndHeaders();
        return default;
    }

    private static ValueTask SendNotFound(BaseHttpRequestHandler handler)
    {
        handler.SendError(404, null, "No handler is registered for this path.");
        return default;
    }

    /// <summary>Whatever handlers there are for the path and other methods.</summary>
    private static ValueTask SendNoTask(BaseHttpRequestHandler handler)
    {
        ((ScriptHttpRequestHandler)handler)._taskMethods = [];
        handler.SendError(404, null, "There is no such task, or no more.");
        return default;
    }

    private void SendMethodNotAllowed() =>
        base.SendError(405, null, $"The methods for this path are {string.Join(", ", FindAllowed() ?? [])}.");

    /// <summary>The methods of the handlers for the request's path, none of which is the request's own; null if there are
    /// none.</summary>
    private IReadOnlyList<string>? FindAllowed() =>
        _taskMethods ?? (IsOwnPath(_host.Routes) ? ["GET", "HEAD", "OPTIONS"]
            : _host.Routes.Table.Find(Command, PathSegments).Allowed is { Count: > 0 } allowed ? AsSent(allowed) : null);

    /// <summary>A WebSocket is asked for by GET.</summary>
    private static IReadOnlyList<string> AsSent(IReadOnlyList<string> methods) => methods.Contains(SocketScripts.Method)
        ? [.. methods.Except([SocketScripts.Method]).Union(["GET", "HEAD"]).Order(StringComparer.Ordinal)]
        : methods;

    /// <summary>
    /// The handler of WebSockets for a request that asks for one, or for a GET that nothing else answers, which is told to ask
    /// for one. One for the path comes before one for every path.
    /// </summary>
    private RouteMatch<RegisteredHandler> FindSocket(HandlerRoutes routes)
    {
        if (Command is not ("GET" or "HEAD"))
            return default;
        var match = routes.Table.Find(SocketScripts.Method, PathSegments);
        if (match.Handler?.WebSocket is null)
            match = routes.Table.FindPathless(SocketScripts.Method);
        if (match.Handler?.WebSocket is null)
            return default;
        return AsksForWebSocket() || (match.Handler.Pattern is not null && !routes.Table.Find(Command, PathSegments).IsFound)
            ? match
            : default;
    }

    /// <summary>
    /// Who may ask for the handler that <see cref="FindMethod"/> will find; of a path whose handlers are for other methods, who
    /// may ask for these.
    /// </summary>
    private AccessPolicy? FindAccess(HandlerRoutes routes)
    {
        if (routes.HasWebSockets && FindSocket(routes) is { IsFound: true } socket)
            return routes.PolicyOf(socket.Handler!);
        var match = routes.Table.Find(Command, PathSegments);
        if (match.IsFound)
            return routes.PolicyOf(match.Handler!);
        if (!IsCgi() && routes.Table.FindPathless(Command) is { IsFound: true } pathless)
            return routes.PolicyOf(pathless.Handler!);
        return match.Allowed is { Count: > 0 } allowed
            ? routes.PolicyOf(
                allowed.Select(method => routes.Table.Find(method, PathSegments).Handler).OfType<RegisteredHandler>())
            : null;
    }

    private Func<BaseHttpRequestHandler, ValueTask> Answer(
        RegisteredHandler handler, IReadOnlyDictionary<string, string> values)
    {
        if (handler is { Channel: null, WebSocket: null })
            return self => ((ScriptHttpRequestHandler)self).RunScriptAsync(handler, values);
        // Who listens takes no worker; filters need one, to decide whether the client may.
        return FilterAsHandler(handler.WebSocket is null
            ? self => ((ScriptHttpRequestHandler)self).SendChannelAsync(handler)
            : self => ((ScriptHttpRequestHandler)self).AcceptSocketAsync(handler, values));
    }

    /// <summary>Has those filters see a request that see handlers.</summary>
    private Func<BaseHttpRequestHandler, ValueTask> FilterAsHandler(Func<BaseHttpRequestHandler, ValueTask> send) =>
        _host.Routes.Filters is { IsEmpty: false } filters
            && filters.Find(Command, PathSegments, isFile: false) is { } found
            ? self => ((ScriptHttpRequestHandler)self).AnswerFilteredAsync(send, found)
            : send;

    /// <summary>What answers at the path of a task; if there is no such task, a handler, or a file.</summary>
    private Func<BaseHttpRequestHandler, ValueTask> FindTaskMethod(TaskAddress address, string command)
    {
        var (tasks, routes) = (_host.Tasks, _host.Routes);
        var known = tasks.Find(address.Id);
        // Which handlers a user may call is looked at before it is known whether there is such a task in the store.
        var mayBeOther = known is null && !(routes.HasPolicies && tasks.Store.IsShared)
            && (command is "GET" or "HEAD" || routes.Table.Find(command, PathSegments).IsFound);
        var other = (mayBeOther ? FindUsual(routes, command) : null) ?? SendNoTask;
        return known is null && !tasks.Store.IsShared
            ? other
            : FilterAsHandler(self => ((ScriptHttpRequestHandler)self).SendTaskAsync(address, known, other));
    }

    /// <summary>Answers for a task, unless there is none, or it is another user's: who asks is not told which.</summary>
    private async ValueTask SendTaskAsync(
        TaskAddress address, KnownTask? known, Func<BaseHttpRequestHandler, ValueTask> other)
    {
        var tasks = _host.Tasks;
        var record = known is not null
            ? TaskRecord.Of(known.Task)
            : await tasks.Store.ReadAsync(address.Id).ConfigureAwait(false);
        if (record?.IsFor(User) != true)
        {
            await other(this).ConfigureAwait(false);
            return;
        }

        (Route, _taskMethods) = (tasks.Route, address.Methods);
        if (Command == "OPTIONS")
            await SendOptions(this).ConfigureAwait(false);
        else if (!_taskMethods.Contains(Command))
            SendMethodNotAllowed();
        else if (Command == "DELETE" && IsForgedCrossSite())
            throw new RequestFaultException(403, "Pages of other origins may not send this with the user's credentials");
        else
            await TaskAnswer.SendAsync(this, tasks, address, known, record).ConfigureAwait(false);
    }

    private async ValueTask SendChannelAsync(RegisteredHandler handler)
    {
        if (!await TryBeginAsync(handler).ConfigureAwait(false))
            return;
        handler.CountCall();
        if (_host.FindChannel(handler) is { } channel)
            SendEvents(channel);
        else
            SendError(404);
    }

    private async ValueTask AcceptSocketAsync(RegisteredHandler handler, IReadOnlyDictionary<string, string> values)
    {
        if (await TryBeginAsync(handler).ConfigureAwait(false))
            AcceptWebSocket(_host.MakeSocketHandler(handler, this, values), handler.WebSocket!.Options);
    }

    /// <summary>Looks whether the client may call a handler; if not, it has been answered.</summary>
    private async ValueTask<bool> TryBeginAsync(RegisteredHandler handler)
    {
        _handler = handler;
        Route = handler.Pattern?.Text;
        // It may have been registered since the request was checked.
        if (_host.Routes.PolicyOf(handler) is { } policy && !policy.Allows(User))
            throw new RequestFaultException(503, "What answers here has just changed, try again");
        return handler.RateLimit is not { } rate || await TryAdmitAsync(rate).ConfigureAwait(false);
    }

    private async ValueTask RunScriptAsync(RegisteredHandler handler, IReadOnlyDictionary<string, string> values)
    {
        var routes = _host.Routes;
        if (!await TryBeginAsync(handler).ConfigureAwait(false))
            return;
        if (!handler.AllowsCrossSite && IsForgedCrossSite())
            throw new RequestFaultException(403, "Pages of other origins may not send this with the user's credentials");
        var call = _call ??= new ScriptCall(this);
        var filters = routes.Filters.IsEmpty ? null : routes.Filters.Find(Command, PathSegments, isFile: false);
        call.Prepare(handler, routes.GateOf(handler), values, filters);
        if (filters is null)
            handler.CountCall();
        (_output, _input, _isAnswering) = (null, null, true);
        try
        {
            if (!handler.Stream)
            {
                // The limit is checked before the body is stored, so that a body that cannot be read takes no memory.
                if (BodyLimits.Of(Headers["Content-Type"], Server.Options) is { } limit)
                    LimitBody(limit.Max, limit.Message);
                await StoreBodyAsync(MaxBodyInMemory).ConfigureAwait(false);
            }

            await WaitForSessionAsync(call).ConfigureAwait(false);
            await _host.Workers.RunAsync(call).ConfigureAwait(false);
            if (_rest is not null)
            {
                // From here on the client may be slow, and its departure is not watched for any more.
                await call.EndAsync().ConfigureAwait(false);
                await SendRestAsync(handler).ConfigureAwait(false);
            }
        }
        finally
        {
            await call.EndAsync().ConfigureAwait(false);
            call.Forget();
            Forget();
            call.RecordAnswered();
        }
    }

    /// <summary>
    /// Has filters see a request that a file answers, or a program, a listing or an upload, which reads the body by itself. What
    /// they set in <c>$Response</c> is sent with the answer.
    /// </summary>
    private async ValueTask AnswerFilteredAsync(Func<BaseHttpRequestHandler, ValueTask> method, FilterMatches filters)
    {
        var call = _call ??= new ScriptCall(this);
        call.Prepare(null, null, RoutePattern.NoValues, filters);
        (_output, _input, _isAnswering) = (null, null, true);
        try
        {
            await WaitForSessionAsync(call).ConfigureAwait(false);
            await _host.Workers.RunAsync(call).ConfigureAwait(false);
            await call.EndAsync().ConfigureAwait(false);
            await ScriptWorker.LeaveThreadAsync().ConfigureAwait(false);
            if (_rest is not null)
                await _rest().ConfigureAwait(false);
            else if (!HasAnswered && !_isRaw)
                await method(this).ConfigureAwait(false);
        }
        finally
        {
            await call.EndAsync().ConfigureAwait(false);
            call.Forget();
            Forget();
            call.RecordAnswered();
        }
    }

    /// <summary>Another request may have the session: no worker waits for it.</summary>
    private ValueTask WaitForSessionAsync(ScriptCall call) =>
        Server.Options.Sessions is not null && call.NamesSession ? Session!.OpenAsync() : default;

    private async ValueTask SendRestAsync(RegisteredHandler handler)
    {
        try
        {
            await _rest!().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not IOException { InnerException: System.Net.Sockets.SocketException })
        {
            var told = AnswerException.Wrap(exception, handler.Script.Place, handler.Script.PlaceOf);
            if (told == exception)
                throw;
            throw told;
        }
    }

    /// <summary>
    /// An error page, or a refusal of the connection's next request, must not carry this one's headers and
    /// cookies.
    /// </summary>
    private void Forget()
    {
        _session?.Forget();
        _response?.End();
        _output?.End();
        _input?.End();
        (_response, _output, _input, _session, _rest, _isRaw, _isAnswering) = (null, null, null, null, null, false, false);
    }

    /// <summary>A coding or a validator that the script names belongs to the bytes of the file.</summary>
    private async ValueTask SendAsItIsAsync(string path, string? contentType)
    {
        var policy = Compression;
        Compression = CompressionPolicy.Off;
        try
        {
            await base.SendFileAsync(path, contentType).ConfigureAwait(false);
        }
        finally
        {
            Compression = policy;
        }
    }

    /// <summary>A worker's thread is for scripts: what files need of the disk is waited for elsewhere.</summary>
    private static async ValueTask AnswerElsewhereAsync(
        Func<BaseHttpRequestHandler, ValueTask> method, BaseHttpRequestHandler handler)
    {
        await ScriptWorker.LeaveThreadAsync().ConfigureAwait(false);
        await method(handler).ConfigureAwait(false);
    }
}
