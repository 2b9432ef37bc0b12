using System.Net;
using Http.Server.Protocol;
using Http.Server.Sessions;
using Http.Server.State;

namespace Http.Server;

/// <summary>The limits and timeouts of a server. Every default is safe to face a network with.</summary>
public sealed record HttpServerOptions
{
    /// <summary>Those who gather metrics are few, and keep their connections.</summary>
    private const int MaxMetricsConnections = 64;

    /// <summary>
    /// Longest request line in bytes without its CRLF; longer ones get 414. Default 8,192, as nginx and Kestrel have
    /// it.
    /// </summary>
    public int MaxRequestLineLength { get; init; } = 8 * 1024;

    /// <summary>Largest header block in bytes, all lines together; more gets 431. Default 32,768, Kestrel's figure.</summary>
    public int MaxHeaderBytes { get; init; } = 32 * 1024;

    /// <summary>
    /// Most header fields of a request; more get 431. Default 100, the figure of Kestrel and of Python's
    /// http.client.
    /// </summary>
    public int MaxHeaderCount { get; init; } = 100;

    /// <summary>
    /// Largest request body in bytes, declared or chunked; more gets 413. Default 1 GiB, Apache httpd's LimitRequestBody.
    /// Bodies are streamed: this guards what a handler stores, not the server's memory.
    /// </summary>
    public long MaxRequestBodySize { get; init; } = 1L << 30;

    /// <summary>
    /// Most fields of a form, url-encoded, or parts of one in multipart, files among them; more get 413. A query with more gets
    /// 400. Default 10,000: ten times what PHP and ASP.NET take, whose figure tables of a few hundred rows have been found to
    /// exceed.
    /// </summary>
    public int MaxFormFields { get; init; } = 10_000;

    /// <summary>
    /// Longest text of a form in bytes, all its fields together, which are kept in memory; files do not count. More gets 413.
    /// Default 30,000,000, what Kestrel takes of any body (nginx: 1 MB, PHP: 8 MB, Go: 10 MB).
    /// </summary>
    public long MaxFormSize { get; init; } = 30_000_000;

    /// <summary>
    /// Longest JSON body in bytes where it is read as objects, which take many times its size in memory; more gets 413. Default
    /// 30,000,000, what Kestrel takes of any body.
    /// </summary>
    public long MaxJsonBodySize { get; init; } = 30_000_000;

    /// <summary>
    /// How deep the arrays and objects of a JSON body may be nested where it is read as objects; deeper gets 400. Default 2,048:
    /// PowerShell's own <c>ConvertFrom-Json</c> goes to 1,024, and both fit the stack of a thread many times.
    /// </summary>
    public int MaxJsonDepth { get; init; } = 2_048;

    /// <summary>
    /// Time for a whole request head to arrive, from its first byte (on a new connection: from the connection); then 408.
    /// Default 30 seconds, Kestrel's figure.
    /// </summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time a connection may stay idle between two requests before it is closed. Default 75 seconds, nginx's
    /// figure.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>
    /// Slowest rate in bytes a second at which a request body may arrive while the handler waits for it; below it the answer is
    /// 408. 0 switches the check off. Default 240, Kestrel's figure: slower than any modem, faster than a connection held on
    /// purpose.
    /// </summary>
    public int MinRequestBodyRate { get; init; } = 240;

    /// <summary>
    /// Slowest rate in bytes a second at which a client may take an answer; below it the connection is dropped.
    /// 0 switches the check off. Default 240, Kestrel's figure.
    /// </summary>
    public int MinResponseRate { get; init; } = 240;

    /// <summary>Time that both rates leave a client before they apply. Default 5 seconds, Kestrel's figure.</summary>
    public TimeSpan RateGracePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Most connections at once; further ones wait until one ends, the first at each address in the server and the others in the
    /// system's backlog, so nothing is refused and nothing is lost. Default 16,384: at about 10 KiB each an idle crowd of that
    /// size stays under 200 MiB.
    /// </summary>
    public int MaxConnections { get; init; } = 16 * 1024;

    /// <summary>
    /// Most requests that one connection may carry; the last answer says <c>Connection: close</c>. 0, the default, sets no limit:
    /// nothing here grows with the number of requests.
    /// </summary>
    public int MaxRequestsPerConnection { get; init; }

    /// <summary>
    /// Connections that the system may hold for the server before it accepts them. Default 512, the figure of Kestrel
    /// (nginx: 511).
    /// </summary>
    public int ListenBacklog { get; init; } = 512;

    /// <summary>
    /// Ports that are tried at the start: while the one that was given is in use at one of the addresses, the next one is tried
    /// at all of them. Default 1, the given port alone. What else keeps a port from being bound, missing rights say, ends the
    /// search at once.
    /// </summary>
    public int PortAttempts { get; init; } = 1;

    /// <summary>
    /// Time that running requests get to end when <see cref="HttpServer.ServeForeverAsync"/> is cancelled. Default half a second,
    /// so that Ctrl+C is obeyed within one; <see cref="HttpServer.ShutdownAsync"/> takes a time of its own.
    /// </summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// Proxies that are believed what they say of their clients: the address, the scheme and the host, by the header Forwarded
    /// (RFC 7239) or, without it, X-Forwarded-For, -Proto, -Host and -Port. Default none: from other clients these headers change
    /// nothing. A proxy has to set or remove each of these headers, and not let pass what a client has sent; malformed ones, and
    /// those that contradict each other, are ignored as a whole.
    /// </summary>
    public IReadOnlyList<TrustedProxy> TrustedProxies { get; init; } = [];

    /// <summary>
    /// Whether each connection begins with a header of HAProxy's PROXY protocol, version 1 or 2, that names the client. Default
    /// false. Needs <see cref="TrustedProxies"/>: connections from elsewhere are closed, as are those without a valid header.
    /// </summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>
    /// Names of hosts that the server answers for: a name, <c>*.example.com</c> for all names below one, or <c>*</c> for any; no
    /// ports. A request for another Host gets 421. IP addresses, names of one label, the machine's own name and domains that are
    /// not in the public DNS, such as <c>.localhost</c>, <c>.local</c>, <c>.test</c> and <c>.internal</c>, are answered for in
    /// any case, and so is what a trusted proxy passes on. Default none: then a server that listens at the loopback alone answers
    /// for those, since a page whose name points at this machine could read it otherwise, and a server at other addresses
    /// answers for any.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Whether <see cref="AllowedHosts"/> takes a text.</summary>
    /// <param name="text">The text.</param>
    public static bool IsHostPattern(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return HostPattern.TryParse(text, out _);
    }

    /// <summary>
    /// Addresses that may ask; all others get 403. Behind trusted proxies the client's address is the one that they tell. Default
    /// none: all may. Clients of Unix domain sockets, and health checks, always may.
    /// </summary>
    public IReadOnlyList<IPNetwork> AllowedAddresses { get; init; } = [];

    /// <summary>Addresses that may not ask, and get 403, though <see cref="AllowedAddresses"/> have them. Default none.</summary>
    public IReadOnlyList<IPNetwork> DeniedAddresses { get; init; } = [];

    /// <summary>
    /// How often a client may ask, health checks aside; then it gets 429. Default null: as often as it likes.
    /// </summary>
    public RateLimit? RateLimit { get; init; }

    /// <summary>
    /// Where the server keeps what outlasts a request; <see cref="IHttpServer.StateStore"/> gives it to handlers. It belongs
    /// to who made it, and may serve several servers. With one that other processes see, <see cref="RateLimit"/> and the
    /// limits of handlers hold for all of them together. Default null: the server makes a <see cref="MemoryStateStore"/> of
    /// its own.
    /// </summary>
    public IHttpStateStore? StateStore { get; init; }

    /// <summary>
    /// How sessions are kept, in the <see cref="StateStore"/>: what is known of a browser from one of its requests to the next,
    /// which a handler gets by <c>OpenSessionAsync</c>. Default null: there are none.
    /// </summary>
    public HttpSessionOptions? Sessions { get; init; }

    /// <summary>
    /// Whether clients are asked for a certificate, which <c>AuthenticationScheme.ClientCertificate</c> needs: called at
    /// the start of each TLS handshake, so that what it says counts for new connections. A client may have none, and a wrong one
    /// does not end the handshake. Default null: they are not asked. Not for plain HTTP, where there is no handshake.
    /// </summary>
    public Func<bool>? AsksForClientCertificate { get; init; }

    /// <summary>
    /// The path, <c>/healthz</c> say, at which GET and HEAD are answered 200 while the server works, and 503 while it drains.
    /// Null, the default, for none. All clients may ask, without a password, and no handler is called; the answer tells nothing
    /// else, and is not logged.
    /// </summary>
    public string? HealthPath { get; init; }

    /// <summary>
    /// The path, <c>/livez</c> say, at which GET and HEAD are answered 200 as long as the server answers at all, also while it
    /// drains: who starts dead servers anew asks here, and who sends requests at <see cref="HealthPath"/>. Null, the default, for
    /// none. Everything else is as there.
    /// </summary>
    public string? LivenessPath { get; init; }

    /// <summary>
    /// The path, <c>/metrics</c> say, at which GET and HEAD are answered with figures of the server and the process in the text
    /// format of Prometheus. Null, the default, for none, which costs nothing. Clients that may ask at all, by their address and
    /// their user, may ask for it; no handler is called, and a file of this path is not seen. The answer is not logged.
    /// </summary>
    public string? MetricsPath { get; init; }

    /// <summary>
    /// Where <see cref="MetricsPath"/> is answered by plain HTTP, and nothing else: by <see cref="AllowedAddresses"/> and
    /// <see cref="DeniedAddresses"/>, and without a password. Default none: at the server's own addresses.
    /// </summary>
    public IReadOnlyList<EndPoint> MetricsAddresses { get; init; } = [];

    /// <summary>
    /// Tells metrics of the threads that call handlers, where a program has such: those that work, those that have nothing to do,
    /// and requests that wait for one. Called from any thread. Null, the default, for none.
    /// </summary>
    public Func<(int Busy, int Idle, int Waiting)>? HandlerWorkers { get; init; }

    /// <summary>
    /// How long a server that is told to end serves on, so that a balancer that spreads requests over several servers learns from
    /// <see cref="HealthPath"/>, and from connections that are no longer kept, to send no more. Default 0.
    /// </summary>
    public TimeSpan DrainTime { get; init; }

    /// <summary>
    /// Where requests and messages are logged; default <see cref="TextLog.StandardError"/>, as Python's http.server
    /// does.
    /// </summary>
    public IHttpLog Log { get; init; } = TextLog.StandardError;

    /// <summary>The clock that timeouts and dates are taken from; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Throws if a limit makes no sense, and names it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is zero or negative where that means nothing.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequestLineLength, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHeaderBytes, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxHeaderCount, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRequestBodySize);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFormFields, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxFormSize);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxJsonBodySize);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxJsonDepth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HeaderTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(KeepAliveTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(MinRequestBodyRate);
        ArgumentOutOfRangeException.ThrowIfNegative(MinResponseRate);
        ArgumentOutOfRangeException.ThrowIfLessThan(RateGracePeriod, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ShutdownGrace, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConnections, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxRequestsPerConnection);
        ArgumentOutOfRangeException.ThrowIfLessThan(ListenBacklog, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PortAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTime, TimeSpan.Zero);
        CheckPath(HealthPath, nameof(HealthPath), "/healthz");
        CheckPath(LivenessPath, nameof(LivenessPath), "/livez");
        if (LivenessPath is not null && LivenessPath == HealthPath)
            throw new ArgumentException("LivenessPath and HealthPath are two paths, since they answer differently while the "
                + "server drains: give others, such as /livez and /healthz.", nameof(LivenessPath));
        CheckPath(MetricsPath, nameof(MetricsPath), "/metrics");
        Sessions?.Validate();
        ArgumentNullException.ThrowIfNull(MetricsAddresses);
        if (MetricsAddresses.Count > 0 && MetricsPath is null)
            throw new ArgumentException("MetricsAddresses need a MetricsPath, /metrics say.", nameof(MetricsAddresses));
        ArgumentNullException.ThrowIfNull(AllowedHosts);
        foreach (var text in AllowedHosts.Where(static text => !IsHostPattern(text)))
            throw new ArgumentException($"'{text}' is no name of a host: give one such as www.example.com without a port, "
                + "*.example.com, or * for all.", nameof(AllowedHosts));
        ArgumentNullException.ThrowIfNull(AllowedAddresses);
        ArgumentNullException.ThrowIfNull(DeniedAddresses);
        ArgumentNullException.ThrowIfNull(TrustedProxies);
        if (ProxyProtocol && TrustedProxies.Count == 0)
            throw new ArgumentException("ProxyProtocol needs TrustedProxies: without any, no connection would be taken.",
                nameof(TrustedProxies));
        ArgumentNullException.ThrowIfNull(Log);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }

    /// <summary>The options of the server at <see cref="MetricsAddresses"/>.</summary>
    internal HttpServerOptions ForMetrics() => this with
    {
        MetricsAddresses = [],
        HealthPath = null,
        LivenessPath = null,
        DrainTime = TimeSpan.Zero,
        PortAttempts = 1,
        ProxyProtocol = false,
        RateLimit = null,
        Sessions = null,
        MaxConnections = MaxMetricsConnections,
    };

    private static void CheckPath(string? path, string name, string example)
    {
        if (path is not null && (!path.StartsWith('/') || path.Any(static letter => letter is <= ' ' or > '~' or '?' or '#')))
            throw new ArgumentException($"{name} is a path such as {example}, not '{path}'.", name);
    }
}
