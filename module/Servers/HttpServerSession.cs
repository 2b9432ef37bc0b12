using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Http.Server.Events;
using Http.Server.PowerShell.Servers.WebSockets;
using Http.Server.PowerShell.Timers;
using Http.Server.State;

namespace Http.Server.PowerShell.Servers;

/// <summary>
/// The servers and handlers of one PowerShell session, that is, of one runspace and of the workers of its
/// servers.
/// </summary>
internal sealed class HttpServerSession
{
    /// <summary>The event of the session that tells of failed handlers.</summary>
    public const string ErrorEvent = "HttpServer.Error";

    private static readonly MemoryStateStore NoStore = new();

    private static readonly ConditionalWeakTable<Runspace, HttpServerSession> Sessions = [];

    private readonly Lock _lock = new();
    private readonly Runspace _runspace;
    private readonly List<HttpServerInstance> _servers = [];
    private readonly List<HttpHandler> _handlers = [];
    private readonly List<HttpFilter> _filters = [];
    private readonly Dictionary<(HttpServerInstance? Server, string? Path), List<HttpHandler>> _handlersByPath = [];
    private readonly List<HttpAuthentication> _authentications = [];
    private int _lastId;

    private HttpServerSession(Runspace runspace)
    {
        _runspace = runspace;
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
                End();
        };
    }

    /// <summary>The session's servers in the order they were started.</summary>
    public IReadOnlyList<HttpServerInstance> Servers
    {
        get
        {
            lock (_lock)
                return [.. _servers];
        }
    }

    /// <summary>All handlers in the order they were registered.</summary>
    public IReadOnlyList<HttpHandler> Handlers
    {
        get
        {
            lock (_lock)
                return [.. _handlers];
        }
    }

    /// <summary>The ways to log in, in the order they were registered.</summary>
    public IReadOnlyList<HttpAuthentication> Authentications
    {
        get
        {
            lock (_lock)
                return [.. _authentications];
        }
    }

    /// <summary>The channels of events.</summary>
    public EventChannels Channels { get; } = new();

    /// <summary>The timers.</summary>
    public TimerTable Timers { get; } = new(TimeProvider.System);

    /// <summary>The channels of WebSockets.</summary>
    public SocketChannels SocketChannels { get; } = new();

    /// <summary>All filters in the order they were registered.</summary>
    public IReadOnlyList<HttpFilter> Filters
    {
        get
        {
            lock (_lock)
                return [.. _filters];
        }
    }

    /// <summary>The session that a runspace belongs to.</summary>
    public static HttpServerSession Of(Runspace runspace) =>
        Sessions.GetValue(runspace, static runspace => new HttpServerSession(runspace));

    /// <summary>The sessions of the process. Workers' runspaces belong to one of them.</summary>
    public static IReadOnlyList<HttpServerSession> All() => [.. Sessions.Select(static entry => entry.Value).Distinct()];

    /// <summary>Stops the servers of all sessions.</summary>
    public static void StopEverything()
    {
        foreach (var session in All())
            session.End();
    }

    /// <summary>Makes a worker's runspace part of the session: a handler that asks for servers sees these.</summary>
    public void Adopt(Runspace worker) => Sessions.AddOrUpdate(worker, this);

    /// <summary>A number for a new server.</summary>
    public int NextId() => Interlocked.Increment(ref _lastId);

    public void Add(HttpServerInstance server)
    {
        lock (_lock)
            _servers.Add(server);
        Timers.Schedule();
    }

    public void Remove(HttpServerInstance server)
    {
        lock (_lock)
            _servers.Remove(server);
    }

    /// <summary>The handlers for a server: those of its own before those for all.</summary>
    public IReadOnlyList<HttpHandler> HandlersOf(HttpServerInstance server)
    {
        lock (_lock)
            return [.. _handlers.Where(handler => handler.Server == server),
                .. _handlers.Where(static handler => handler.Server is null)];
    }

    /// <summary>The filters for a server in the order they were registered.</summary>
    public IReadOnlyList<HttpFilter> FiltersOf(HttpServerInstance server) =>
        [.. Filters.Where(filter => filter.Server is null || filter.Server == server)];

    /// <summary>Adds a filter.</summary>
    public void Add(HttpFilter filter)
    {
        lock (_lock)
            _filters.Add(filter);
        UpdateRoutes(filter.Server);
    }

    public void Remove(HttpFilter filter)
    {
        lock (_lock)
        {
            if (!_filters.Remove(filter))
                return;
        }

        UpdateRoutes(filter.Server);
        filter.Registered.Script.IsRemoved = true;
    }

    /// <summary>Whether there are handlers for a server.</summary>
    public bool HasHandlers(HttpServerInstance server)
    {
        lock (_lock)
            return _handlers.Exists(handler => handler.Server is null || handler.Server == server);
    }

    /// <summary>The first handler that stands in a new one's way: same server, and a method and path in common.</summary>
    public HttpHandler? FindSame(HttpServerInstance? server, IReadOnlyList<string> methods, string? canonicalPath)
    {
        lock (_lock)
            return SameAs(server, canonicalPath).Find(known => known.Method.Any(methods.Contains));
    }

    /// <summary>Adds a handler; others for the same server and path give up the methods that it answers.</summary>
    public void Add(HttpHandler handler)
    {
        lock (_lock)
        {
            var same = SameAs(handler.Server, handler.CanonicalPath);
            foreach (var known in same.ToArray())
            {
                if (known.Registered.TryGiveUp(handler.Method))
                    continue;
                _handlers.Remove(known);
                same.Remove(known);
                known.Registered.Retire();
                CloseUnused(known);
            }

            _handlers.Add(handler);
            same.Add(handler);
            _handlersByPath[(handler.Server, handler.CanonicalPath)] = same;
        }

        UpdateRoutes(handler.Server);
    }

    /// <summary>A way to log in; null if none has the name.</summary>
    public HttpAuthentication? FindAuthentication(string name)
    {
        lock (_lock)
            return _authentications.Find(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Adds a way to log in, in the place of one of the same name.</summary>
    public void Add(HttpAuthentication authentication)
    {
        lock (_lock)
        {
            if (_authentications.FindIndex(known => known.Name.Equals(authentication.Name, StringComparison.OrdinalIgnoreCase))
                is >= 0 and var at)
            {
                if (_authentications[at].Registered.Script is { } script)
                    script.IsRemoved = true;
                _authentications.RemoveAt(at);
            }

            _authentications.Add(authentication);
        }

        foreach (var server in Servers)
            server.UpdateRoutes();
    }

    /// <summary>Takes a way to log in away: handlers and servers that name it let nobody in by it.</summary>
    public void Remove(HttpAuthentication authentication)
    {
        lock (_lock)
        {
            if (!_authentications.Remove(authentication))
                return;
        }

        if (authentication.Registered.Script is { } script)
            script.IsRemoved = true;
        foreach (var server in Servers)
            server.UpdateRoutes();
    }

    public void Remove(HttpHandler handler)
    {
        lock (_lock)
        {
            if (!_handlers.Remove(handler))
                return;
            var same = SameAs(handler.Server, handler.CanonicalPath);
            same.Remove(handler);
            if (same.Count == 0)
                _handlersByPath.Remove((handler.Server, handler.CanonicalPath));
            CloseUnused(handler);
        }

        UpdateRoutes(handler.Server);
        handler.Registered.Retire();
    }

    /// <summary>
    /// Raises the session's event of a handler's failure, if it has a subscriber: without one, events would stay in the queue of
    /// the session.
    /// </summary>
    public void Raise(HttpServerInstance server, HttpServerErrorEventArgs error)
    {
        if (_runspace.RunspaceStateInfo.State == RunspaceState.Opened && _runspace.Events.GetEventSubscribers(ErrorEvent).Any())
            _runspace.Events.GenerateEvent(ErrorEvent, server, [error], null);
    }

    /// <summary>Stops all servers, waits for it, and forgets the handlers: a session that goes on begins anew.</summary>
    public void End()
    {
        Timers.Clear();
        var servers = Servers;
        Task.WhenAll(servers.Select(server => Task.Run(() => server.StopAsync(TimeSpan.Zero)))).Wait(TimeSpan.FromSeconds(2));
        foreach (var server in servers)
            Remove(server);
        HttpHandler[] handlers;
        lock (_lock)
        {
            handlers = [.. _handlers];
            _handlers.Clear();
            _filters.Clear();
            _handlersByPath.Clear();
            _authentications.Clear();
        }

        foreach (var handler in handlers)
            handler.Registered.Retire();
        Channels.CloseAll();
    }

    /// <summary>Adds a timer, in the place of one of the same name.</summary>
    /// <param name="timer">The timer.</param>
    /// <param name="server">Where it runs; null for the first server that runs.</param>
    public void Add(HttpTimer timer, HttpServerInstance? server) => Timers.Add(timer, server is null
        ? () => Servers.Select(static known => known.Tasks).FirstOrDefault(static tasks => tasks is not null)
        : () => server.Tasks);

    /// <summary>The tasks of all servers that run.</summary>
    public IEnumerable<HttpTask> AllTasks() => Servers.SelectMany(static server => server.Tasks?.All() ?? []);

    /// <summary>
    /// The channels of a name, of all servers that have one: mostly a single one, and more where servers have different stores.
    /// </summary>
    /// <returns>Empty if nothing is registered for the name.</returns>
    public IReadOnlyCollection<HttpEventChannel> FindChannels(string name)
    {
        var found = new HashSet<HttpEventChannel>();
        foreach (var handler in Handlers.Where(
            handler => handler.Channel?.Equals(name, StringComparison.OrdinalIgnoreCase) == true))
        {
            HttpServerInstance[] servers = handler.Server is { } own ? [own] : [.. Servers];
            foreach (var server in servers)
                found.Add(server.FindChannel(handler.Events!));
            // What is sent before the first server has started is kept for its first listeners.
            if (servers.Length == 0)
                found.Add(Channels.Find(handler.Channel!, NoStore, handler.Events!.Options));
        }

        return found;
    }

    /// <summary>Ends the channel of a handler that has gone, unless another one has it. Called under the lock.</summary>
    private void CloseUnused(HttpHandler gone)
    {
        if (gone.Channel is { } channel
            && !_handlers.Exists(known => known.Channel?.Equals(channel, StringComparison.OrdinalIgnoreCase) == true))
            Channels.Close(channel);
    }

    /// <summary>The handlers for the same server and path; a list of its own if there are none.</summary>
    private List<HttpHandler> SameAs(HttpServerInstance? server, string? path) =>
        _handlersByPath.GetValueOrDefault((server, path)) ?? [];

    private void UpdateRoutes(HttpServerInstance? changed)
    {
        foreach (var server in Servers)
        {
            if (changed is null || changed == server)
                server.UpdateRoutes();
        }
    }
}
