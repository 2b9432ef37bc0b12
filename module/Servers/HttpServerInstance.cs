using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers;
using Http.Server.PowerShell.Handlers.Classes;
using Http.Server.PowerShell.Handlers.Forms;
using Http.Server.PowerShell.Logging;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>
/// A server of the session: what <c>Start-HttpServer</c> gives and <c>Get-HttpServer</c> shows. Its figures are always
/// current.
/// </summary>
public sealed class HttpServerInstance : IHandlerHost, IDisposable
{
    private readonly HttpServerSession _session;
    private readonly ConcurrentQueue<ErrorRecord> _complaints = [];
    private readonly Lock _lock = new();
    private HttpServer? _server;
    private WorkerPool? _workers;
    private HandlerRoutes _routes = new([], null);
    private ServerLog _log;
    private ClassHandlers? _classes;
    private Task _serving = Task.CompletedTask;
    private PosixSignalRegistration? _hangup;
    private volatile HttpServerState _state;
    private volatile bool _isReturning;
    private int _showings;

    internal HttpServerInstance(HttpServerSession session, int id, StartSettings settings)
    {
        (_session, Id, Settings) = (session, id, settings);
        _log = new ServerLog(settings.Name, null, settings.IsQuiet);
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
    public IReadOnlyList<Uri> Addresses => _server?.GetAddresses().ToArray() ?? [];

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
    public long RequestCount => _server?.RequestCount ?? 0;

    /// <summary>Requests that are being answered now.</summary>
    public int ActiveRequests => _server?.ActiveRequestCount ?? 0;

    /// <summary>Answers with a status of 500 and above since it was started.</summary>
    public long ErrorCount => _server?.ErrorCount ?? 0;

    /// <summary>Connections that are open now.</summary>
    public int ConnectionCount => _server?.ConnectionCount ?? 0;

    /// <summary>Runspaces that have been made for handlers.</summary>
    public int WorkerCount => _workers?.WorkerCount ?? 0;

    /// <summary>
    /// The handlers that answer requests here, the most specific not first but in the order of their
    /// registration.
    /// </summary>
    public IReadOnlyList<HttpHandler> Handlers => _session.HandlersOf(this);

    /// <summary>What the handlers share: <c>$Shared</c>, a synchronized table.</summary>
    public Hashtable Shared { get; } = Hashtable.Synchronized(new Hashtable(StringComparer.OrdinalIgnoreCase));

    internal StartSettings Settings { get; }

    HandlerRoutes IHandlerHost.Routes => _routes;

    WorkerPool IHandlerHost.Workers => _workers ?? throw new InvalidOperationException($"The server {Name} does not run.");

    bool IHandlerHost.ServesFiles => Settings.ServesFiles;

    internal ServerLog Log => _log;

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
        var settings = Settings;
        var log = new ServerLog(settings.Name, OpenLog(), settings.IsQuiet) { Failed = Raise, Written = PublishEntry };
        WorkerPool? workers = null;
        ClassHandlers? classes = null;
        HttpServer? server = null;
        try
        {
            workers = new WorkerPool(MakeSetup(log), settings.ThrottleLimit, settings.QueueLimit, settings.HandlerTimeout);
            if (NeedsWorkers(settings))
                workers.Warm();
            classes = settings.HandlerType is null ? null : new ClassHandlers(settings.HandlerType, Configure, workers);
            Func<BaseHttpRequestHandler> create = classes is null ? () =>
                Configure(new ScriptHttpRequestHandler(this)) : classes.Create;
            var options = settings.Options with { Log = log };
            // A free port that was found at the first start is the server's own from then on.
            var addresses = EndPoints.Count > 0 ? EndPoints : Resolve(settings);
            server = settings.Certificate is { } certificate
                ? new ThreadingHttpsServer(addresses, create, certificate, options)
                : new ThreadingHttpServer(addresses, create, options);
            (_server, _workers, _log, _classes) = (server, workers, log, classes);
        }
        catch
        {
            server?.ShutdownAsync(TimeSpan.Zero).GetAwaiter().GetResult();
            workers?.StopAsync(TimeSpan.Zero).GetAwaiter().GetResult();
            classes?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            log.Dispose();
            throw;
        }

        EndPoints = server.EndPoints;
        Port = server.ServerPort;
        Uri = MakeUri(EndPoints, server.GetAddresses(), server.IsSecure);
        StartTime = DateTime.Now;
        UpdateRoutes();
        EnterState(HttpServerState.Running);
        // Beside the first requests: a large directory takes a while.
        _ = Task.Run(TemporaryNames.Shared.RemoveAbandoned);
        if (settings is { Upload: true, ServesFiles: true })
            _ = Configure(new ScriptHttpRequestHandler(this)).RemoveAbandonedUploadsAsync(log);
        // Not on this thread's context: the session may be busy for long.
        _serving = Task.Run(() => ServeAsync(server));
        if (!OperatingSystem.IsWindows())
            _hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, HangUp);
    }

    /// <summary>
    /// Opens the log's file anew, and reads the certificate and the users of <c>-CredentialPath</c> anew, as SIGHUP has the
    /// command line do; the log tells the outcome. For whoever renames logs, or has put new files in the place of old ones.
    /// </summary>
    public void Reload()
    {
        if (State != HttpServerState.Running)
            return;
        // First of all, so that what is said about the rest stands in the new file.
        _log.Reopen();
        Settings.Authentication?.Reload(_log);
        _server!.ReloadCertificate();
    }

    /// <summary>
    /// A service is told to reload. In a terminal the signal says that it has been closed, and ends the session as it
    /// always does.
    /// </summary>
    private void HangUp(PosixSignalContext context)
    {
        if (!Console.IsInputRedirected)
            return;
        context.Cancel = true;
        ThreadPool.UnsafeQueueUserWorkItem(static server => server.Reload(), this, preferLocal: false);
    }

    /// <summary>Serves; should that ever end but by a stop, the server is stopped, and nobody is told that it runs.</summary>
    private async Task ServeAsync(HttpServer server)
    {
        try
        {
            await server.ServeForeverAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.Message(LogLevel.Error, null, $"The server has ended: {exception.Message}");
        }

        if (State == HttpServerState.Running && ReferenceEquals(server, _server))
            _ = Task.Run(() => StopAsync(TimeSpan.Zero));
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
            _log.Message(LogLevel.Error, null, $"The server cannot be started again: {exception.Message}");
        }
        finally
        {
            _isReturning = false;
            HttpServerHosting.RaiseServersChanged(this);
        }
    }

    /// <summary>This thread is a worker of the server: it must not wait for the server's end, which waits for it.</summary>
    internal bool IsAnsweringHere => ScriptWorker.OfThisThread is { } worker && worker.IsOf(_workers);

    /// <summary>Frees the port at once, lets what runs end within the grace, and stops the rest.</summary>
    internal async Task StopAsync(TimeSpan grace)
    {
        lock (_lock)
        {
            if (_server is null || State == HttpServerState.Stopped)
                return;
            EnterState(HttpServerState.Stopping);
        }

        _hangup?.Dispose();
        await _server.ShutdownAsync(grace).ConfigureAwait(false);
        await _workers!.StopAsync(TimeSpan.FromSeconds(0.5)).ConfigureAwait(false);
        await Task.WhenAny(_serving, Task.Delay(TimeSpan.FromSeconds(0.5))).ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        if (_classes is not null)
            await _classes.DisposeAsync().ConfigureAwait(false);
        EnterState(HttpServerState.Stopped);
        _log.Dispose();
    }

    /// <summary>Takes over the session's handlers as they are now.</summary>
    internal void UpdateRoutes()
    {
        lock (_lock)
            _routes = new HandlerRoutes(_session.HandlersOf(this).Select(static handler => handler.Registered), _routes);
    }

    /// <summary>Makes a worker before the first request, now that there is something for it to do.</summary>
    internal void WarmUp()
    {
        if (State == HttpServerState.Running && WorkerCount == 0)
            _workers!.Warm();
    }

    private bool NeedsWorkers(StartSettings settings) =>
        settings.Modules.Count > 0 || settings.InitializationScript is not null || settings.HandlerType is not null
            || _session.HandlersOf(this).Count > 0;

    private WorkerSetup MakeSetup(ServerLog log) => new()
    {
        Log = log,
        Modules = Settings.Modules,
        IsolatesModules = Settings.IsolatesModules,
        InitializationScript = Settings.InitializationScript,
        Variables = new Dictionary<string, object?>(Settings.Variables, StringComparer.OrdinalIgnoreCase) { ["Shared"] = Shared },
        Functions = Settings.Functions,
        Location = Settings.Location,
        GoesOnWithoutModules = Settings.GoesOnWithoutModules,
        Opened = _session.Adopt,
        Complained = error =>
        {
            // Those of workers that are made later are the same ones again, and in the log.
            if (State != HttpServerState.Running)
                _complaints.Enqueue(error);
        },
    };

    private static IReadOnlyList<EndPoint> Resolve(StartSettings settings) => settings.Bind.Count == 0
        ? BindAddress.Resolve(null, settings.Port)
        : [.. settings.Bind.SelectMany(text => BindAddress.Resolve(text, settings.Port)).Distinct()];

    private ScriptHttpRequestHandler Configure(ScriptHttpRequestHandler handler)
    {
        handler.Authentication = Settings.Authentication;
        ServeFiles(handler, Settings);
        handler.CgiDirectories = Settings.ServesFiles ? Settings.CgiDirectories : [];
        return handler;
    }

    private void Configure(BaseHttpRequestHandler handler)
    {
        // A class may have users of its own.
        handler.Authentication = Settings.Authentication ?? handler.Authentication;
        if (handler is SimpleHttpRequestHandler files)
            ServeFiles(files, Settings);
        else
            handler.ProtocolVersion = Settings.Protocol;
    }

    private static void ServeFiles(SimpleHttpRequestHandler handler, StartSettings settings)
    {
        handler.Directory = settings.Directory;
        handler.ProtocolVersion = settings.Protocol;
        handler.ExtraHeaders = settings.Headers;
        handler.ExtensionsMap = settings.ContentTypes;
        settings.Site.ApplyToSite(handler);
        if (settings.IndexPages is { } pages)
            handler.IndexPages = pages;
        if (handler is not CgiHttpRequestHandler cgi)
            return;
        cgi.CgiEnvironmentVariables = settings.CgiEnvironment;
        cgi.CgiUser = settings.CgiUser;
        if (settings.CgiTimeout is { } timeout)
            cgi.CgiTimeout = timeout;
        if (settings.CgiDirectories.Count > 0)
            cgi.CgiDirectories = settings.CgiDirectories;
    }

    private TextLog? OpenLog()
    {
        if (Settings.LogPath is not { } path)
            return null;
        try
        {
            return new TextLog(path, Settings.LogFormat) { WriteRequests = !Settings.IsQuiet };
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new WorkerStartException(
                $"Cannot write the log {path}: {exception.Message} Give another file with -LogPath.", "LogNotWritable", path,
                    exception);
        }
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
            _log.Message(LogLevel.Warning, null, $"A subscriber to the server's errors failed: {exception.Message}");
        }
    }

    private static Uri? MakeUri(IReadOnlyList<EndPoint> endPoints, IReadOnlyList<Uri> addresses, bool isSecure)
    {
        var ip = endPoints.OfType<IPEndPoint>().FirstOrDefault();
        if (ip is null)
            return null;
        var isEvery = ip.Address.Equals(IPAddress.IPv6Any) || ip.Address.Equals(IPAddress.Any);
        // What is told to others must lead here from where they are.
        if (isEvery && addresses.FirstOrDefault(static address => !address.IsLoopback) is { } reachable)
            return reachable;
        // Loopbacks of both families are what "localhost" means.
        var isLocalhost = isEvery
            || endPoints.OfType<IPEndPoint>().Count(static point => IPAddress.IsLoopback(point.Address)) > 1;
        var host = isLocalhost ? "localhost" : ip.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{ip.Address}]"
            : ip.Address.ToString();
        return new Uri($"{(isSecure ? "https" : "http")}://{host}:{ip.Port}/");
    }
}
