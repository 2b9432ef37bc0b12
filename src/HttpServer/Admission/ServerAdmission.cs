using System.Net;
using System.Text;
using Http.Server.Logging;
using Http.Server.Resources;
using Http.Server.Transport;

namespace Http.Server.Admission;

/// <summary>
/// What a server looks at before it looks at a request: the client's address, the host it asks, and how often it asks.
/// </summary>
internal sealed class ServerAdmission
{
    private static readonly Refusal WrongAddress =
        new(403, "Requests from this address are not answered here.", EndsConnection: true);

    private static readonly Refusal WrongHost =
        new(421, "This server does not answer for the name that was asked for. Its administrator can allow more names.");

    /// <summary>What replicas know the limit of the whole server by, unless it has a name.</summary>
    private const string ServerLimitName = "server";

    private readonly AddressRules? _addresses;
    private readonly HostRule? _hosts;
    private readonly ClientLimiter? _limiter;
    private readonly OncePerSecond _hints;

    private ServerAdmission(HttpServerOptions options, AddressRules? addresses, HostRule? hosts)
    {
        (_addresses, _hosts) = (addresses, hosts);
        _limiter = options.RateLimit is { } limit ? new ClientLimiter(limit, limit.Name ?? ServerLimitName, options) : null;
        _hints = new OncePerSecond(options.TimeProvider);
        LooksAtClients = addresses is not null || _limiter is { IsByUser: false };
        LooksAtUsers = _limiter is { IsByUser: true };
        AsksStore = _limiter is { IsByUser: false, IsShared: true };
    }

    /// <summary>There are rules of addresses, or a limit of clients.</summary>
    public bool LooksAtClients { get; }

    /// <summary>There is a limit of users.</summary>
    public bool LooksAtUsers { get; }

    /// <summary>There is a limit of clients that replicas count together.</summary>
    public bool AsksStore { get; }

    /// <summary>What a server with these options looks at; null if it takes every request.</summary>
    /// <param name="options">The options.</param>
    /// <param name="endPoints">Where the server listens. If that is this machine alone, hosts are looked at in any case.</param>
    public static ServerAdmission? Create(HttpServerOptions options, IEnumerable<EndPoint> endPoints)
    {
        var addresses = options.AllowedAddresses.Count + options.DeniedAddresses.Count > 0
            ? new AddressRules(options.AllowedAddresses, options.DeniedAddresses)
            : null;
        // Browsers do not reach Unix domain sockets, and with the PROXY protocol every connection is one of a trusted proxy.
        var ends = endPoints.OfType<IPEndPoint>().ToArray();
        var isLocal = ends.Length > 0 && Array.TrueForAll(ends, static end => IPAddress.IsLoopback(end.Address));
        var hosts = !options.ProxyProtocol && (isLocal || options.AllowedHosts.Count > 0)
            ? new HostRule(options.AllowedHosts)
            : null;
        return addresses is null && hosts is null && options.RateLimit is null
            ? null
            : new ServerAdmission(options, addresses, hosts);
    }

    /// <summary>Looks at a request whose head has been read: who asks, which host, and how often.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="client">The client, as trusted proxies name it.</param>
    /// <param name="isClientKnown">False if a proxy has passed the request on without saying whose it is.</param>
    /// <returns>Null if it may go on.</returns>
    public Refusal? FindRefusalOfClient(Connection connection, EndPoint client, bool isClientKnown)
    {
        if (_addresses is not null && !_addresses.Allow(client, isClientKnown))
            return WrongAddress;
        return FindRefusalOfHost(connection)
            ?? (_limiter is { IsByUser: false, IsShared: false } ? _limiter.Take(connection, client, user: null) : null);
    }

    /// <summary>Counts a request that nothing else speaks against, where replicas count together.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="client">The client, as trusted proxies name it.</param>
    /// <returns>Null if it may go on.</returns>
    public ValueTask<Refusal?> FindRefusalByStoreAsync(Connection connection, EndPoint client) =>
        _limiter!.TakeAsync(connection, client, user: null);

    /// <summary>Looks at the host that a request asks.</summary>
    /// <param name="connection">Its connection, whose request's head has been read.</param>
    /// <returns>Null if it may go on.</returns>
    public Refusal? FindRefusalOfHost(Connection connection)
    {
        // What a trusted proxy passes on was its to decide; a browser did not choose this server by that name.
        if (_hosts is null || connection.IsFromProxy || connection.Input.Head is not { HasHost: true } head)
            return null;
        var host = head.Host.Of(connection.Input.HeadBytes);
        if (_hosts.Allows(host))
            return null;
        return _hints.TryPass(out _) ? WrongHost with { Hint = HintOf(Encoding.Latin1.GetString(host)) } : WrongHost;
    }

    /// <summary>Counts a request for its user, where the limit is one of users.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="client">The client, whose address counts where there is no user.</param>
    /// <param name="user">The user who was authenticated; null if there is none.</param>
    /// <returns>Null if it may go on.</returns>
    public ValueTask<Refusal?> FindRefusalOfUserAsync(Connection connection, EndPoint client, string? user) =>
        _limiter is { IsByUser: true } ? _limiter.TakeAsync(connection, client, user) : default;

    private static string HintOf(string host) =>
        $"A request for the host {LogText.Escape(host.Length > 100 ? host[..100] + "..." : host)} was refused (421): "
        + "the name is not this server's, and a page could have had it point here. If it is meant for this server, add "
        + "it with --allowed-host, in PowerShell -AllowedHost; if a proxy passes it on, name the proxy with "
        + "--trusted-proxy, in PowerShell -TrustedProxy.";
}
