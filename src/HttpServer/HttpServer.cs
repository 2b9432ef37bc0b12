using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Http.Server.Admission;
using Http.Server.Cgi;
using Http.Server.Interop;
using Http.Server.Requests;
using Http.Server.Resources;
using Http.Server.Sessions;
using Http.Server.State;
using Http.Server.StaticFiles.Sites;
using Http.Server.Telemetry;
using Http.Server.Tls;
using Http.Server.Transport;
using Http.Server.Transport.Listening;
using Http.Server.Transport.Polling;

namespace Http.Server;

/// <summary>
/// Listens, and serves one connection at a time; Python's <c>http.server.HTTPServer</c>. Further connections wait in the
/// system's backlog. <see cref="ThreadingHttpServer"/> serves all at once and is what most programs want.
/// </summary>
/// <remarks>The port is bound by the constructor, so <see cref="ServerPort"/> is known before anything is served.</remarks>
public class HttpServer : IHttpServer, ISiteOwner, IProgramHost, IAdmissionOwner, IMetricsOwner, ISessionOwner,
    IAsyncDisposable
{
    /// <summary>How often deadlines are looked at: the accuracy of every timeout.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(0.5);

    /// <summary>The time that <see cref="Stop"/> gives to running requests: its caller's own answer is one of them.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    private readonly StaticSites _sites = new();
    private readonly Func<BaseHttpRequestHandler> _createHandler;
    private readonly Clock _clock;
    private readonly TlsHandshake? _tls;
    private readonly ConnectionPlaces _places;
    private readonly RefusedConnections _refused;
    private readonly ShortageReport _shortage;
    private readonly Acceptor _acceptor;
    private readonly ServerAdmission? _admission;
    private readonly SessionKeeper? _sessions;
    private readonly ConditionalWeakTable<RateLimit, ClientLimiter> _limiters = [];
    private readonly OpenConnections _connections = new();
    private readonly CancellationTokenSource _stopWaiting = new();
    private readonly GracefulShutdown _shutdown;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ServerMetrics? _measured;
    private readonly ServerMetrics? _shown;
    private readonly HttpServer? _metricsServer;
    private CgiGate? _gate;
    private ITimer? _sweep;

    /// <summary>Binds the port.</summary>
    /// <param name="address">Where to listen. <see cref="IPAddress.IPv6Any"/> stands for all interfaces, IPv4 included; port 0
    /// for a free port.</param>
    /// <param name="createHandler">Makes the handler of a connection; called once for each.</param>
    /// <param name="options">Limits and timeouts; null for the defaults.</param>
    /// <exception cref="ServerStartException">The address cannot be bound; the message says why and what helps.</exception>
    public HttpServer(IPEndPoint address, Func<BaseHttpRequestHandler> createHandler, HttpServerOptions? options = null)
        : this([address ?? throw new ArgumentNullException(nameof(address))], createHandler, options)
    {
    }

    /// <summary>Binds several addresses, all or none.</summary>
    /// <param name="addresses">IP end points and Unix domain sockets; with port 0 in several, all get the same port.</param>
    /// <param name="createHandler">Makes the handler of a connection; called once for each.</param>
    /// <param name="options">Limits and timeouts; null for the defaults.</param>
    /// <exception cref="ServerStartException">An address cannot be bound; the message says why and what helps.</exception>
    public HttpServer(IEnumerable<EndPoint> addresses, Func<BaseHttpRequestHandler> createHandler,
        HttpServerOptions? options = null)
        : this(addresses, createHandler, options, isConcurrent: false)
    {
    }

    private protected HttpServer(
        IEnumerable<EndPoint> addresses, Func<BaseHttpRequestHandler> createHandler, HttpServerOptions? options,
            bool isConcurrent, ServerCertificate? certificate = null)
        : this(addresses, createHandler, options, isConcurrent, certificate, shown: null)
    {
    }

    /// <summary>As the others; one that is given the figures of another server shows them, and has none of its own.</summary>
    private HttpServer(
        IEnumerable<EndPoint> addresses, Func<BaseHttpRequestHandler> createHandler, HttpServerOptions? options,
            bool isConcurrent, ServerCertificate? certificate, ServerMetrics? shown)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentNullException.ThrowIfNull(createHandler);
        Options = options ?? new HttpServerOptions();
        Options.Validate();
        _createHandler = createHandler;
        StateStore = Options.StateStore ?? new MemoryStateStore(Options.TimeProvider);
        _sessions = Options.Sessions is { } sessions ? new SessionKeeper(sessions, StateStore, Options.TimeProvider) : null;
        _clock = new Clock(Options.TimeProvider);
        _tls = certificate is null ? null : new TlsHandshake(certificate.Source, Options, _clock);
        _shortage = new ShortageReport(Options.Log, Options.TimeProvider);
        _measured = shown is null && Options.MetricsPath is not null
            ? new ServerMetrics(FindFigures, Options.HandlerWorkers)
            : null;
        _shown = shown ?? (Options.MetricsAddresses.Count == 0 ? _measured : null);
        var listeners = Listener.Open([.. addresses], Options.ListenBacklog, Options.PortAttempts);
        var endPoints = Array.ConvertAll(listeners, static listener => listener.LocalEndPoint!);
        try
        {
            _admission = ServerAdmission.Create(Options, endPoints);
            if (Connection.IsPolled)
                SocketPoller.Prepare();
            // The places are counted after the sockets are open, because these take descriptors too.
            _places = new ConnectionPlaces(Options, isConcurrent, IsSecure, _shortage);
            if (Options.MetricsAddresses.Count > 0)
                _metricsServer = new HttpServer(Options.MetricsAddresses, static () => new NothingHandler(), Options.ForMetrics(),
                    isConcurrent: true, certificate: null, _measured);
        }
        catch
        {
            foreach (var listener in listeners)
                Listener.Close(listener);
            throw;
        }

        _refused = new RefusedConnections(IsSecure, _clock);
        var inherited = listeners.Zip(addresses).Where(static pair => pair.Second is DescriptorEndPoint)
            .Select(static pair => pair.First).ToHashSet();
        _acceptor = new Acceptor(listeners, inherited, _places, _refused, _shortage, Begin);
        _shutdown = new GracefulShutdown(Options, _acceptor, _connections, _stopWaiting);
        EndPoints = endPoints;
        ServerPort = (Array.Find(endPoints, static endPoint => endPoint is IPEndPoint) as IPEndPoint)?.Port ?? 0;
        ServerName = NameOf(endPoints[0]);
    }

    /// <summary>Where the server really listens.</summary>
    public IReadOnlyList<EndPoint> EndPoints { get; }

    /// <summary>Where metrics are served apart; empty unless <see cref="HttpServerOptions.MetricsAddresses"/> say so.</summary>
    public IReadOnlyList<EndPoint> MetricsEndPoints => _metricsServer?.EndPoints ?? [];

    /// <inheritdoc/>
    public string ServerName { get; }

    /// <inheritdoc/>
    public int ServerPort { get; }

    /// <inheritdoc/>
    public bool IsSecure => _tls is not null;

    /// <inheritdoc/>
    public HttpServerOptions Options { get; }

    /// <inheritdoc/>
    public IHttpStateStore StateStore { get; }

    /// <inheritdoc/>
    public bool IsStopping => _shutdown.IsStopping;

    /// <inheritdoc/>
    public bool IsDraining => _shutdown.IsDraining;

    /// <summary>
    /// Most connections at once: the lesser of <see cref="HttpServerOptions.MaxConnections"/> and what this process can carry by
    /// its limit of open files and its memory, which all servers of the process share. 1 for a server that serves one at a time.
    /// </summary>
    public int MaxConnections => _places.Count;

    /// <summary>Connections that are open now.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Requests since the server began, running ones included.</summary>
    public long RequestCount => _connections.RequestCount;

    /// <summary>Requests that are being answered now.</summary>
    public int ActiveRequestCount => _connections.ActiveRequestCount;

    /// <summary>Answers with a status of 500 and above since the server began.</summary>
    public long ErrorCount => _connections.ErrorCount;

    /// <summary>
    /// Addresses for clients, as a browser takes them: those that are listened at or, where that is all interfaces,
    /// <c>localhost</c> and each address of an interface that other machines can use. Asks the system at each call, which takes
    /// milliseconds.
    /// </summary>
    /// <returns>Empty for a server at Unix domain sockets alone.</returns>
    public IReadOnlyList<Uri> GetAddresses() => ListenAddresses.Find(EndPoints, IsSecure);

    /// <summary>
    /// Reads the certificate's files anew at once, whether or not they have changed; without this they are looked at once a
    /// second at the most. The log tells the outcome: a certificate that cannot be used leaves the old one in its place. Does
    /// nothing for plain HTTP and for a certificate that is not from files.
    /// </summary>
    public void ReloadCertificate() => _tls?.Reload();

    /// <summary>Serves until <see cref="ShutdownAsync"/> is called or the token is cancelled; either is a normal end.</summary>
    /// <param name="cancellationToken">Ends the server with <see cref="HttpServerOptions.ShutdownGrace"/> for running
    /// requests.</param>
    /// <exception cref="InvalidOperationException">The server is serving already, or has ended.</exception>
    public async Task ServeForeverAsync(CancellationToken cancellationToken = default)
    {
        _shutdown.BeginServing(() => _sweep = Options.TimeProvider.CreateTimer(
            static server => ((HttpServer)server!).Sweep(), this, SweepInterval, SweepInterval));
        var accepting = _acceptor.RunAsync(_stopWaiting.Token);
        _ = _metricsServer?.ServeForeverAsync(CancellationToken.None);
        using (cancellationToken.Register(() => _ = EndServingAsync(Options.ShutdownGrace, drains: true)))
        {
            await accepting.ConfigureAwait(false);
            await _stopped.Task.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends the server in two steps: at once it stops accepting, frees the port and closes idle connections; requests that run
    /// may end within the grace, and then are broken off. Calling it again shortens the grace if that of the new call is shorter.
    /// </summary>
    /// <remarks>
    /// With a <see cref="HttpServerOptions.DrainTime"/> it serves on for that time before, unless the grace is zero; calling it
    /// again ends that.
    /// </remarks>
    /// <param name="grace">Time for running requests; <see cref="TimeSpan.Zero"/> breaks them off at once.</param>
    public Task ShutdownAsync(TimeSpan grace) => EndServingAsync(grace, drains: grace > TimeSpan.Zero);

    StaticSites ISiteOwner.Sites => _sites;

    ServerAdmission? IAdmissionOwner.Admission => _admission;

    SessionKeeper? ISessionOwner.Sessions => _sessions;

    ServerMetrics? IMetricsOwner.Measured => _measured;

    ServerMetrics? IMetricsOwner.Shown => _shown;

    ClientLimiter IAdmissionOwner.LimiterOf(RateLimit limit) =>
        _limiters.GetValue(limit, added => new ClientLimiter(added, added.Name, Options));

    CgiGate IProgramHost.FindGate(int places)
    {
        if (Volatile.Read(ref _gate) is { } known)
            return known;
        var made = new CgiGate(places);
        return Interlocked.CompareExchange(ref _gate, made, null) ?? made;
    }

    /// <inheritdoc/>
    public void Stop() => _ = Task.Run(() => EndServingAsync(StopGrace, drains: true));

    private async Task EndServingAsync(TimeSpan grace, bool drains)
    {
        await _shutdown.EndAsync(grace, drains).ConfigureAwait(false);
        if (_metricsServer is not null)
            await _metricsServer.ShutdownAsync(TimeSpan.Zero).ConfigureAwait(false);
        _sweep?.Dispose();
        _refused.Dispose();
        _stopped.TrySetResult();
    }

    /// <summary>Frees the port and breaks off the requests that still run.</summary>
    public async ValueTask DisposeAsync()
    {
        await ShutdownAsync(TimeSpan.Zero).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private ServerFigures FindFigures() => new(_connections.Count, MaxConnections, _connections.AddedCount);

    private static string NameOf(EndPoint endPoint) => endPoint switch
    {
        IPEndPoint { Address: var address } when address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) =>
            Environment.MachineName,
        IPEndPoint { Address: var address } => address.ToString(),
        _ => "localhost",
    };

    /// <summary>A socket for both families shows an IPv4 client as <c>::ffff:1.2.3.4</c>; it is shown as what it is.</summary>
    private static EndPoint AsSent(EndPoint endPoint) => endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } ip
        ? new IPEndPoint(ip.Address.MapToIPv4(), ip.Port)
        : endPoint;

    private void Begin(Socket socket)
    {
        // Where completions run inline on the threads that wait for sockets, the program that has switched that on has no
        // handlers that block, and a handshake changes its thread by itself. Everywhere else a handler may block, so it runs on
        // another thread than the one that accepts connections.
        _connections.Expect();
        if (InlineCompletions.IsEnabled)
        {
            _ = ServeAsync(socket);
            return;
        }

        try
        {
            ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Server.ServeAsync(work.Socket),
                (Server: this, Socket: socket), preferLocal: false);
        }
        catch
        {
            _connections.Forget();
            throw;
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        Connection? connection = null;
        BaseHttpRequestHandler? handler = null;
        var isExpected = true;
        try
        {
            if (socket.ProtocolType == ProtocolType.Tcp)
                socket.NoDelay = true;
            var stream = _tls is null ? null : TlsHandshake.MakeStream(socket);
            connection = new Connection(stream, socket, AsSent(socket.RemoteEndPoint!), Options, _clock) { Shortage = _shortage };
            isExpected = false;
            if (!_connections.TryAdd(connection))
                return;
            if (Options.ProxyProtocol && !await ProxyPreface.ReadAsync(connection, socket).ConfigureAwait(false))
                return;
            if (_tls is not null && !await _tls.OpenAsync(connection, socket, stream!).ConfigureAwait(false))
                return;
            handler = _createHandler();
            handler.Bind(connection, this);
            await handler.HandleAsync().ConfigureAwait(false);
            if (_tls is not null)
                await connection.SayGoodbyeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (ExpectedFaults.IsConnectionEnd(exception))
        {
            Options.Log.Message(LogLevel.Debug, handler?.ClientText, $"The connection ended: {exception.Message}");
        }
        catch (Exception exception) when (Shortage.Of(exception) is { } what)
        {
            _shortage.Report(what, "a connection was closed");
        }
        catch (Exception exception)
        {
            Options.Log.Message(LogLevel.Error, handler?.ClientText, $"A connection failed: {exception}");
        }
        finally
        {
            if (isExpected)
                _connections.Forget();
            await EndAsync(connection, handler, socket).ConfigureAwait(false);
        }
    }

    private async ValueTask EndAsync(Connection? connection, BaseHttpRequestHandler? handler, Socket socket)
    {
        try
        {
            if (handler is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync().ConfigureAwait(false);
            else
                (handler as IDisposable)?.Dispose();
        }
        catch (Exception exception)
        {
            Options.Log.Message(LogLevel.Error, handler?.ClientText,
                $"{handler!.GetType().Name} failed while it was disposed: {exception}");
        }
        finally
        {
            // The place is given back also after a failure: else the server could take one connection less from then on.
            try
            {
                if (connection is null)
                    socket.Dispose();
                else
                    End(connection);
            }
            finally
            {
                _places.ReleaseWithMemory();
            }
        }
    }

    private void End(Connection connection)
    {
        try
        {
            connection.Dispose();
            connection.Input.Release();
            connection.Output.Release();
        }
        finally
        {
            _connections.Remove(connection);
        }
    }

    private void Sweep()
    {
        try
        {
            _connections.CheckDeadlines(_clock.Milliseconds);
            _refused.Sweep();
            (StateStore as MemoryStateStore)?.SweepIfDue();
        }
        catch (OutOfMemoryException)
        {
            // An exception in a timer would end the process. The next sweep does what this one has not done.
        }
    }

    /// <summary>Where metrics alone are served, nothing lies at other paths.</summary>
    private sealed class NothingHandler : BaseHttpRequestHandler
    {
        static NothingHandler() => VerbTable<BaseHttpRequestHandler>.Register(typeof(NothingHandler), []);

        public NothingHandler() => ProtocolVersion = "HTTP/1.1";

        protected override Func<BaseHttpRequestHandler, ValueTask>? FindMethod(string command) => static handler =>
        {
            handler.SendError(404);
            return default;
        };
    }
}
