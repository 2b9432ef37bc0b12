using System.Net;
using Http.Server.State;

namespace Http.Server.Hosting;

/// <summary>A server that was made of settings: the directory, the certificate, the users and the log belong to it.</summary>
public sealed class HostedServer : IAsyncDisposable
{
    /// <summary>Ports that are tried for <see cref="ServerSettings.PortAuto"/>: more than servers run on one machine.</summary>
    private const int PortAttempts = 100;

    private readonly TextLog _log;
    private readonly BasicAuthentication? _authentication;
    private readonly IHttpStateStore? _store;

    private HostedServer(HttpServer server, string directory, TextLog log, ServerCertificate? certificate,
        BasicAuthentication? authentication, IHttpStateStore? store) =>
        (Server, Directory, _log, Certificate, _authentication, _store) =
            (server, directory, log, certificate, authentication, store);

    /// <summary>The server. It listens, and serves once it is told to.</summary>
    public HttpServer Server { get; }

    /// <summary>The directory, as a full path.</summary>
    public string Directory { get; }

    /// <summary>The certificate; null for plain HTTP.</summary>
    public ServerCertificate? Certificate { get; }

    /// <summary>Makes the server. A setting for which every request would fail is an error here already.</summary>
    /// <param name="settings">What is wanted; not changed afterwards.</param>
    /// <param name="makeLog">Makes the log where <see cref="ServerSettings.LogFile"/> names none.</param>
    /// <param name="openStore">
    /// Opens the store of <see cref="ServerSettings.StateStore"/>, which then belongs to the server; null where there can be
    /// none.
    /// </param>
    /// <exception cref="CannotStartException">A setting cannot be met.</exception>
    /// <exception cref="ServerStartException">
    /// An address cannot be bound, or a certificate or a file of users is wrong.
    /// </exception>
    public static HostedServer Create(ServerSettings settings, Func<TextLog> makeLog,
        Func<StateStoreAddress, Task<IHttpStateStore>>? openStore = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(makeLog);
        var directory = CheckDirectory(settings.Directory);
        var handler = MakeHandler(settings, directory, authentication: null);
        CheckHandler(handler, settings);
        if (settings.Options is { LivenessPath: { } liveness } checks && liveness == checks.HealthPath)
            throw new CannotStartException("--liveness and --health are two paths, since they answer differently while the "
                + "server drains: give others, such as /livez and /healthz.");
        var log = settings.LogFile is { } path ? OpenLog(path, settings) : makeLog();
        IHttpStateStore? store = null;
        try
        {
            var addresses = Resolve(settings);
            var certificate = Certificates.Find(settings);
            if (certificate?.FindWeakness() is { } weakness)
                log.Message(LogLevel.Warning, null, weakness);
            var authentication = Users.Find(settings, addresses, directory, log);
            store = OpenStore(settings.StateStore, openStore, log);
            var options = settings.Options with
            {
                Log = log,
                StateStore = store,
                MetricsAddresses = settings.MetricsBind is { } place ? AddressAndPort.Resolve(place) : [],
                PortAttempts = settings.PortAuto ? PortAttempts : 1,
                RateLimit = settings.RateLimit is { } limit ? RateLimit.Parse(limit, settings.RateKey) : null,
            };
            BaseHttpRequestHandler CreateHandler() => MakeHandler(settings, directory, authentication);
            HttpServer server = certificate is null
                ? new ThreadingHttpServer(addresses, CreateHandler, options)
                : new ThreadingHttpsServer(addresses, CreateHandler, certificate, options);
            // Not awaited: a large directory takes seconds, and requests can be answered meanwhile.
            _ = handler.RemoveAbandonedUploadsAsync(log);
            return new HostedServer(server, directory, log, certificate, authentication, store);
        }
        catch
        {
            store?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            log.Dispose();
            throw;
        }
    }

    /// <summary>Opens the log's file anew, and reads the users and the certificate anew; the log tells the outcome.</summary>
    public void Reload()
    {
        // First, so that the messages about users and certificate are written to the new file.
        _log.Reopen();
        _authentication?.Reload(_log);
        Server.ReloadCertificate();
    }

    /// <summary>Ends the server, and closes its store and the log.</summary>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync().ConfigureAwait(false);
        if (_store is not null)
            await _store.DisposeAsync().ConfigureAwait(false);
        _log.Dispose();
    }

    /// <summary>
    /// Opens a store. One that is away is no error: the server answers without it until it comes, and the log says so.
    /// </summary>
    private static IHttpStateStore? OpenStore(
        StateStoreAddress? address, Func<StateStoreAddress, Task<IHttpStateStore>>? open, TextLog log)
    {
        if (address is null)
            return null;
        if (open is null)
            throw new CannotStartException($"This program has no way to the store {address}: leave out --state-store.");
        var store = open(address).GetAwaiter().GetResult();
        try
        {
            // Any question tells whether it is there.
            store.GetAsync("start").AsTask().GetAwaiter().GetResult();
        }
        catch (HttpStateStoreException exception)
        {
            log.Message(LogLevel.Warning, null, exception.Message);
        }

        return store;
    }

    /// <summary>
    /// The sockets that a service manager has handed on take the place of the port, unless addresses are given.
    /// </summary>
    private static IReadOnlyList<EndPoint> Resolve(ServerSettings settings) => settings.Bind.Count switch
    {
        0 => BindAddress.FindInherited() is { Count: > 0 } inherited ? inherited : BindAddress.Resolve(null, settings.Port),
        1 => BindAddress.Resolve(settings.Bind[0], settings.Port),
        _ => [.. settings.Bind.SelectMany(text => BindAddress.Resolve(text, settings.Port)).Distinct()],
    };

    private static SimpleHttpRequestHandler MakeHandler(
        ServerSettings settings, string directory, BasicAuthentication? authentication)
    {
        var handler = settings.Cgi ? MakeCgiHandler(settings) : new SimpleHttpRequestHandler();
        handler.Directory = directory;
        handler.Authentication = authentication;
        settings.ApplyToSite(handler);
        return handler;
    }

    private static CgiHttpRequestHandler MakeCgiHandler(ServerSettings settings)
    {
        var handler = new CgiHttpRequestHandler
        {
            CgiEnvironmentVariables = settings.CgiEnvironment,
            CgiUser = settings.CgiUser,
            CgiTimeout = settings.CgiTimeout,
        };
        if (settings.CgiDirectories.Count > 0)
            handler.CgiDirectories = settings.CgiDirectories;
        return handler;
    }

    private static void CheckHandler(SimpleHttpRequestHandler handler, ServerSettings settings)
    {
        if (handler.FindFallbackProblem() is { } problem)
            throw new CannotStartException($"{problem}: give one that exists with --spa.");
        if (new CgiHttpRequestHandler { CgiUser = settings.CgiUser }.FindCgiUserProblem() is { } userProblem)
            throw new CannotStartException($"--cgi-user: {userProblem}.");
    }

    private static string CheckDirectory(string directory)
    {
        try
        {
            var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
            if (File.Exists(full))
                throw new CannotStartException($"{full} is a file: give the directory it lies in with --directory.");
            if (!System.IO.Directory.Exists(full))
                throw new CannotStartException($"There is no directory {full}: give one that exists with --directory.");
            using var entries = System.IO.Directory.EnumerateFileSystemEntries(full).GetEnumerator();
            entries.MoveNext();
            return full;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or ArgumentException)
        {
            throw new CannotStartException($"Cannot read the directory {directory}: {exception.Message} "
                + "Give another with --directory, or change its rights.");
        }
    }

    private static TextLog OpenLog(string path, ServerSettings settings)
    {
        if (System.IO.Directory.Exists(path))
            throw new CannotStartException($"Cannot write the log {path}: it is a directory. Give a file with --log.");
        try
        {
            return new TextLog(path, settings.LogFormat, settings.LogMaxSize, settings.LogKeep);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException or ArgumentException)
        {
            throw new CannotStartException($"Cannot write the log {path}: {exception.Message} Give another file with --log.");
        }
    }
}
