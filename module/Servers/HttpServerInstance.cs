using System.Collections.Concurrent;
using System.Management.Automation;
using System.Net;
using Http.Server.Events;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Dashboards;
using Http.Server.PowerShell.Handlers.Filters;
using Http.Server.PowerShell.Handlers.Forms;
using Http.Server.PowerShell.Handlers.Schemes;
using Http.Server.PowerShell.Handlers.SocketCalls;
using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.PowerShell.Logging;
using Http.Server.PowerShell.Servers;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell;

/// <summary>
/// A server of the session: what <c>Start-HttpServer</c> gives and <c>Get-HttpServer</c> shows. Its figures are always
/// current.
/// </summary>
public sealed class HttpServerInstance : IHandlerHost, IDisposable
{
    private readonly HttpServerSession _session;
    private readonly HandlerFactory _handlers;
    private readonly ServerLog _logBeforeStart;
    private readonly ConcurrentQueue<ErrorRecord> _complaints = [];
    private readonly Lock _lock = new();
    private ServerRun? _run;
    private readonly ServerSchemes _schemes;
    private readonly CurrentRoutes _routes;
    private volatile Dashboard? _dashboard;
    private volatile HttpServerState _state;
    private volatile bool _isReturning;
    private int _showings;

    internal HttpServerInstance(HttpServerSession session, int id, StartSettings settings)
    {
        (_session, Id, Settings) = (session, id, settings);
        Shared = new HttpSharedTable(new HttpSharedStore(settings.StateStore));
        _handlers = new HandlerFactory(settings, this);
        _routes = new CurrentRoutes(MakeRoutes);
        _schemes = new ServerSchemes(() => ((IHandlerHost)this).Workers, settings.AllowsPlainHttp);
        _logBeforeStart = new ServerLog(settings.Name, null, settings.IsQuiet);
    }

    /// <summary>A handler has failed. The event <c>HttpServer.Error</c> of the session tells the same.</summary>
    public event EventHandler<HttpServerErrorEventArgs>? Error;

    /// <summary>The server's number in this session.</summary>
    public int Id { get; }

    /// <summary>The server's name; <c>HttpServer</c> and its number if it was not given one.</summary>
    public string Name => Settings.Name;

    /// <summary>
    /// An address that a browser takes: where all interfaces are listened at, the first one by which other machines reach this
    /// one. Null for a server at Unix domain sockets alone.
    /// </summary>
    public Uri? Uri { get; private set; }

    /// <summary>
    /// Addresses for clients: where all interfaces are listened at, localhost and each address of an interface that other
    /// machines can use. Empty for a server at Unix domain sockets alone.
    /// </summary>
    /// <remarks>An array, which PowerShell can index; of other lists it sees the interface alone.</remarks>
    public IReadOnlyList<Uri> Addresses => _run?.Server.GetAddresses().ToArray() ?? [];

    /// <summary>Where figures of the server are for Prometheus; null if it has none, or at a Unix domain socket.</summary>
    public Uri? MetricsUri { get; private set; }

    /// <summary>Where the page is that shows what the server does; null if it has none, or at a Unix domain socket.</summary>
    public Uri? DashboardUri => Settings.DashboardPath is { } path && Uri is { } own ? new Uri(own, path) : null;

    /// <summary>Where it really listens.</summary>
    public IReadOnlyList<EndPoint> EndPoints { get; private set; } = [];

    /// <summary>The port; 0 for a server at Unix domain sockets alone.</summary>
    public int Port { get; private set; }

    /// <summary>The SHA-256 fingerprint of the certificate, for clients that are told to trust it; null for plain HTTP.</summary>
    public string? CertificateFingerprint => Settings.Certificate?.Fingerprint;

    /// <summary>The directory that is served.</summary>
    public string? Directory => Settings.ServesFiles ? Settings.Directory : null;

    /// <summary>How long it serves on after it was told to end.</summary>
    public TimeSpan DrainTime => Settings.Options.DrainTime;

    /// <summary>Whether it serves.</summary>
    public HttpServerState State => _state;

    /// <summary>When it was started; null before.</summary>
    public DateTime? StartTime { get; private set; }

    /// <summary>Requests since it was started.</summary>
    public long RequestCount => _run?.Server.RequestCount ?? 0;

    /// <summary>Requests that are being answered now.</summary>
    public int ActiveRequests => _run?.Server.ActiveRequestCount ?? 0;

    /// <summary>Answers with a status of 500 and above since it was started.</summary>
    public long ErrorCount => _run?.Server.ErrorCount ?? 0;

    /// <summary>Connections that are open now.</summary>
    public int ConnectionCount => _run?.Server.ConnectionCount ?? 0;

    /// <summary>Runspaces that have been made for handlers.</summary>
    public int WorkerCount => _run?.Workers.WorkerCount ?? 0;

    /// <summary>
    /// The handlers that answer requests here, the most specific not first but in the order of their
    /// registration.
    /// </summary>
    public IReadOnlyList<HttpHandler> Handlers => _session.HandlersOf(this);

    /// <summary>What the handlers share: <c>$Shared</c>, a synchronized table, with the server's store.</summary>
    public HttpSharedTable Shared { get; }

    internal StartSettings Settings { get; }

    HandlerRoutes IHandlerHost.Routes => _routes.Value;

    WorkerPool IHandlerHost.Workers => _run?.Workers ?? throw new InvalidOperationException($"The server {Name} does not run.");

    ServerTasks IHandlerHost.Tasks => _run?.Tasks ?? throw new InvalidOperationException($"The server {Name} does not run.");

    Dashboard? IHandlerHost.Dashboard => _dashboard;

    bool IHandlerHost.ServesFiles => Settings.ServesFiles;

    HttpWebSocketChannels IHandlerHost.WebSocketChannels => _session.SocketChannels.Of(Settings.StateStore);

    bool IHandlerHost.ChecksForms => Settings.ChecksForms;

    IHttpWebSocketHandler IHandlerHost.MakeSocketHandler(
        RegisteredHandler handler, ScriptHttpRequestHandler connection, IReadOnlyDictionary<string, string> values) =>
        new SocketHandler(this, handler, connection, values);

    HttpEventChannel? IHandlerHost.FindChannel(RegisteredHandler handler) =>
        _session.HandlersOf(this).FirstOrDefault(known => known.Registered == handler) is { Events: { } events }
            ? FindChannel(events)
            : null;

    /// <summary>The tasks of the server; null unless it runs.</summary>
    internal ServerTasks? Tasks => State == HttpServerState.Running ? _run?.Tasks : null;

    internal ServerLog Log => _run?.Log ?? _logBeforeStart;

    /// <summary>A handler has had it stopped and started again: it is away for a moment only.</summary>
    internal bool IsReturning => _isReturning;

    /// <summary>The name and the address.</summary>
    public override string ToString() => $"{Name} {Uri}".TrimEnd();

    /// <summary>Stops the server at once; the same as <c>Stop-HttpServer -Force</c>.</summary>
    public void Dispose()
    {
        if (IsAnsweringHere)
        {
            StopFromWithin(TimeSpan.Zero);
            return;
        }

        StopAsync(TimeSpan.Zero).GetAwaiter().GetResult();
        _session.Remove(this);
    }

    /// <summary>What went wrong in the initialization script as the server started, and did not end it; each once.</summary>
    internal IEnumerable<ErrorRecord> TakeComplaints()
    {
        while (_complaints.TryDequeue(out var error))
            yield return error;
    }

    /// <summary>Binds the port and serves.</summary>
    /// <exception cref="ServerStartException">The address cannot be bound, or the log not be written.</exception>
    /// <exception cref="WorkerStartException">The handlers' runspaces cannot be made.</exception>
    internal void Start()
    {
        // A free port that was found at the first start is the server's own from then on.
        var addresses = EndPoints.Count > 0 ? EndPoints : StartSettings.Resolve(Settings.Bind, Settings.Port);
        var log = new ServerLog(Name, Settings.OpenLog(), Settings.IsQuiet, isTimed: Settings.DashboardPath is not null)
        {
            Failed = Raise,
            Written = PublishEntry,
        };
        var setup = Settings.Workers.MakeSetup(log, Shared) with { Opened = _session.Adopt, Complained = Complain };
        var warms = Settings.Workers.HaveScripts || Settings.HandlerType is not null;
        var run = ServerRun.Open(
            Settings, setup, addresses, _handlers, () => _routes.Value.AsksForCertificates, warms);
        _run = run;
        EndPoints = run.Server.EndPoints;
        Port = run.Server.ServerPort;
        Uri = ServerUri.Find(EndPoints, run.Server.GetAddresses(), run.Server.IsSecure);
        MetricsUri = ServerUri.FindOfMetrics(Uri, run.Server);
        StartTime = DateTime.Now;
        if (Settings.DashboardPath is { } path)
            _dashboard = new Dashboard(path, Name, ReadDashboard);
        UpdateRoutes();
        EnterState(HttpServerState.Running);
        OpenChannels();
        _session.Timers.Schedule();
        ServiceNotices.TellReady(this);
        // This runs beside the first requests, because a large directory takes seconds.
        _ = Task.Run(TemporaryNames.Shared.RemoveAbandoned);
        if (Settings is { Upload: true, ServesFiles: true })
            _ = _handlers.Create().RemoveAbandonedUploadsAsync(log);
        run.Begin(Reload, StopIfEnded);
        WarmUp();
    }

    /// <summary>
    /// Opens the log's file anew, and reads the certificate and the users of <c>-CredentialPath</c> anew, as SIGHUP has the
    /// command line do; the log tells the outcome. To be called after a log was renamed, or new files have taken the place of old
    /// ones.
    /// </summary>
    public void Reload()
    {
        if (State != HttpServerState.Running)
            return;
        ServiceNotices.TellReloading();
        _run!.Reload(Settings.Authentication);
        ServiceNotices.TellReady(this);
    }

    /// <summary>Ends the server when the request that this thread answers has been answered; does not wait for it.</summary>
    /// <param name="grace">Time for other running requests.</param>
    internal void StopFromWithin(TimeSpan grace) => _ = StopAfterAnswerAsync(grace);

    /// <summary>The same, and then starts it again with its settings.</summary>
    /// <param name="grace">Time for other running requests.</param>
    internal void RestartFromWithin(TimeSpan grace)
    {
        _isReturning = true;
        _ = ReturnAsync(grace);
    }

    /// <summary>A cmdlet shows the log from now on.</summary>
    internal void BeginShowing() => Interlocked.Increment(ref _showings);

    /// <summary>A cmdlet has ceased to show the log.</summary>
    internal void EndShowing() => Interlocked.Decrement(ref _showings);

    private Task StopAfterAnswerAsync(TimeSpan grace)
    {
        var answered = ScriptWorker.OfThisThread!.Answered;
        return Task.Run(async () =>
        {
            await answered.ConfigureAwait(false);
            await StopAsync(grace).ConfigureAwait(false);
        });
    }

    private async Task ReturnAsync(TimeSpan grace)
    {
        await StopAfterAnswerAsync(grace).ConfigureAwait(false);
        try
        {
            Start();
        }
        catch (Exception exception) when (exception is ServerStartException or WorkerStartException)
        {
            Log.Message(LogLevel.Error, null, $"The server cannot be started again: {exception.Message}");
        }
        finally
        {
            _isReturning = false;
            HttpServerHosting.RaiseServersChanged(this);
        }
    }

    /// <summary>This thread is a worker of the server: it must not wait for the server's end, which waits for it.</summary>
    internal bool IsAnsweringHere => ScriptWorker.OfThisThread is { } worker
        && (worker.IsOf(_run?.Workers) || worker.IsOf(_run?.Tasks.Workers));

    /// <summary>Frees the port at once, lets what runs end within the grace, and stops the rest.</summary>
    internal async Task StopAsync(TimeSpan grace)
    {
        ServerRun run;
        lock (_lock)
        {
            if (_run is null || State == HttpServerState.Stopped)
                return;
            run = _run;
            EnterState(HttpServerState.Stopping);
        }

        await run.StopAsync(grace).ConfigureAwait(false);
        if (Interlocked.Exchange(ref _dashboard, null) is { } dashboard)
            await dashboard.DisposeAsync().ConfigureAwait(false);
        EnterState(HttpServerState.Stopped);
        run.Log.Dispose();
    }

    /// <summary>The channel of events here.</summary>
    internal HttpEventChannel FindChannel(EventStreamSettings events) =>
        _session.Channels.Find(events.Channel, Settings.StateStore, events.Options);

    /// <summary>Has channels take what other processes send, before the first client listens here.</summary>
    internal void OpenChannels()
    {
        if (State != HttpServerState.Running || !Settings.StateStore.IsShared)
            return;
        foreach (var handler in Handlers)
        {
            if (handler.Events is { } events)
                _ = OpenAsync(FindChannel(events));
        }

        async Task OpenAsync(HttpEventChannel channel)
        {
            try
            {
                await channel.OpenAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Log.Message(LogLevel.Warning, null,
                    $"The events of {channel.Name} do not come from other processes yet: {exception.Message}");
            }
        }
    }

    /// <summary>The session's handlers, or its authentications, have changed.</summary>
    internal void UpdateRoutes() => _routes.Change();

    private HandlerRoutes MakeRoutes(HandlerRoutes? former)
    {
        var schemes = _session.Authentications.Select(static authentication => authentication.Registered).ToArray();
        _schemes.Keep(schemes);
        var handlers = _session.HandlersOf(this);
        return new HandlerRoutes(handlers.Select(static handler => handler.Registered), former,
            handler => MakePolicy(handler, schemes))
        {
            Document = new ServerDocument(Settings, schemes).Make(handlers),
            Filters = new FilterChain(_session.FiltersOf(this).Select(static filter => filter.Registered)),
            ServerPolicy = _schemes.MakePolicy(Settings.Schemes, [], schemes, Settings.Authentication, Settings.Rules),
        };
    }

    /// <summary>Who may ask for a handler: by its own schemes, or else by those of the server.</summary>
    private AccessPolicy? MakePolicy(RegisteredHandler handler, IReadOnlyList<RegisteredScheme> schemes)
    {
        if (handler.Authentication.Count > 0)
            return _schemes.MakePolicy(handler.Authentication, handler.Roles, schemes);
        return handler.Roles.Count > 0
            ? _schemes.MakePolicy(Settings.Schemes, handler.Roles, schemes, Settings.Authentication)
            : null;
    }

    /// <summary>What the dashboard shows: the servers of the session, and of this one the handlers and the log.</summary>
    private DashboardState ReadDashboard(Dashboard dashboard) => new(
        Name,
        [.. _session.Servers.Select(static server => server.Describe())],
        [.. Handlers.Select(handler => new DashboardHandler(
            handler.Name, handler.Method, handler.Path, dashboard.FiguresOf(handler.Registered.Script)))],
        Log.Newest(DashboardState.LogEntries));

    private DashboardServer Describe() => new()
    {
        Name = Name,
        Uri = Uri,
        State = State.ToString(),
        StartTime = StartTime,
        Requests = RequestCount,
        Active = ActiveRequests,
        Errors = ErrorCount,
        Connections = ConnectionCount,
        Work = _run?.Workers.Count() ?? default,
    };

    /// <summary>
    /// Has a worker made before the first request if there is something for it to do. The caller does not wait for it.
    /// </summary>
    internal void WarmUp()
    {
        if (State == HttpServerState.Running && WorkerCount == 0 && _session.HasHandlers(this))
            _run!.Workers.BeginWarming();
    }

    /// <summary>A server that has ended by itself, by an error, is not shown as running.</summary>
    private void StopIfEnded(ServerRun run)
    {
        if (State == HttpServerState.Running && ReferenceEquals(run, _run))
            _ = Task.Run(() => StopAsync(TimeSpan.Zero));
    }

    /// <summary>The errors of workers that are made later are the same ones again, and are in the log.</summary>
    private void Complain(ErrorRecord error)
    {
        if (State != HttpServerState.Running)
            _complaints.Enqueue(error);
    }

    private void EnterState(HttpServerState state)
    {
        _state = state;
        HttpServerHosting.RaiseServersChanged(this);
    }

    private void PublishEntry(HttpServerLogEntry entry)
    {
        if (Volatile.Read(ref _showings) == 0)
            HttpServerHosting.RaiseEntryLogged(this, entry);
    }

    private void Raise(HttpServerErrorEventArgs error)
    {
        try
        {
            Error?.Invoke(this, error);
            _session.Raise(this, error);
        }
        catch (Exception exception) when (exception is RuntimeException or InvalidOperationException)
        {
            Log.Message(LogLevel.Warning, null, $"A subscriber to the server's errors failed: {exception.Message}");
        }
    }
}
