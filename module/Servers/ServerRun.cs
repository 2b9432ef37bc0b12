using System.Net;
using System.Runtime.InteropServices;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Classes;
using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Servers;

/// <summary>
/// What one start of a server has made, and what ends with it: the server that listens, the workers, the handlers of a class. A
/// restart makes a new one.
/// </summary>
internal sealed class ServerRun
{
    /// <summary>The time for threads that should have ended already, when a server is stopped.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    private readonly ClassHandlers? _classes;
    private Task _serving = Task.CompletedTask;
    private PosixSignalRegistration? _hangup;

    private ServerRun(HttpServer server, WorkerPool workers, ServerTasks tasks, ServerLog log, ClassHandlers? classes) =>
        (Server, Workers, Tasks, Log, _classes) = (server, workers, tasks, log, classes);

    public HttpServer Server { get; }

    public WorkerPool Workers { get; }

    /// <summary>What outlasts its request, on workers of its own.</summary>
    public ServerTasks Tasks { get; }

    public ServerLog Log { get; }

    /// <summary>Makes the workers and binds the port; nothing is left of them if that fails.</summary>
    /// <param name="settings">What the server was asked for.</param>
    /// <param name="setup">What the workers' runspaces are made of.</param>
    /// <param name="addresses">Where to listen.</param>
    /// <param name="handlers">Makes the handlers of connections.</param>
    /// <param name="asksForCertificates">Tells whether clients may log in by a certificate now.</param>
    /// <param name="warms">Whether a worker is made at once, so that what is wrong with its scripts is known now.</param>
    /// <exception cref="ServerStartException">An address cannot be bound.</exception>
    /// <exception cref="WorkerStartException">The handlers' runspaces cannot be made.</exception>
    public static ServerRun Open(StartSettings settings, WorkerSetup setup, IReadOnlyList<EndPoint> addresses,
        HandlerFactory handlers, Func<bool> asksForCertificates, bool warms)
    {
        WorkerPool? workers = null;
        ClassHandlers? classes = null;
        try
        {
            var limits = settings.Workers;
            workers = new WorkerPool(setup, limits.ThrottleLimit, limits.QueueLimit, limits.HandlerTimeout);
            if (warms)
                workers.Warm();
            classes = settings.HandlerType is { } type ? new ClassHandlers(type, handlers.Configure, workers) : null;
            Func<BaseHttpRequestHandler> create = classes is null ? handlers.Create : classes.Create;
            var options = settings.Options with
            {
                Log = setup.Log,
                StateStore = settings.StateStore,
                AsksForClientCertificate = asksForCertificates,
                HandlerWorkers = workers.Count,
            };
            var server = settings.Certificate is { } certificate
                ? new ThreadingHttpsServer(addresses, create, certificate, options)
                : (HttpServer)new ThreadingHttpServer(addresses, create, options);
            var tasks = new ServerTasks(
                settings.Name, settings.Tasks, setup, settings.StateStore, settings.Options.TimeProvider);
            return new ServerRun(server, workers, tasks, setup.Log, classes);
        }
        catch
        {
            workers?.StopAsync(TimeSpan.Zero).GetAwaiter().GetResult();
            classes?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            setup.Log.Dispose();
            throw;
        }
    }

    /// <summary>Begins to serve, and returns.</summary>
    /// <param name="reload">Called when a service manager tells the process to reload (SIGHUP).</param>
    /// <param name="ended">Called when the server has ended.</param>
    public void Begin(Action reload, Action<ServerRun> ended)
    {
        // The server runs on a thread of the pool: the session's thread may be busy for long.
        _serving = Task.Run(() => ServeAsync(ended));
        if (!OperatingSystem.IsWindows())
            _hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => HangUp(context, reload));
    }

    /// <summary>Opens the log's file, the certificate and the users' file anew; the log tells the outcome.</summary>
    public void Reload(BasicAuthentication? authentication)
    {
        // The log is first, so that messages about the rest are in the new file.
        Log.Reopen();
        authentication?.Reload(Log);
        Server.ReloadCertificate();
    }

    /// <summary>Frees the port at once, lets what runs end within the grace, and stops the rest. The log stays open.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        _hangup?.Dispose();
        // Tasks have the time that requests have, and the drain, in which their clients still see how they end.
        var tasks = Tasks.StopAsync(grace > TimeSpan.Zero ? Server.Options.DrainTime + grace : TimeSpan.Zero);
        await Server.ShutdownAsync(grace).ConfigureAwait(false);
        await tasks.ConfigureAwait(false);
        await Workers.StopAsync(Patience).ConfigureAwait(false);
        await Task.WhenAny(_serving, Task.Delay(Patience)).ConfigureAwait(false);
        await Server.DisposeAsync().ConfigureAwait(false);
        if (_classes is not null)
            await _classes.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// In a terminal the signal says that the terminal has been closed, and it ends the session as always. Elsewhere a service is
    /// told to reload.
    /// </summary>
    private static void HangUp(PosixSignalContext context, Action reload)
    {
        if (!Console.IsInputRedirected)
            return;
        context.Cancel = true;
        ThreadPool.UnsafeQueueUserWorkItem(static reload => reload(), reload, preferLocal: false);
    }

    private async Task ServeAsync(Action<ServerRun> ended)
    {
        try
        {
            await Server.ServeForeverAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.Message(LogLevel.Error, null, $"The server has ended: {exception.Message}");
        }

        ended(this);
    }
}
