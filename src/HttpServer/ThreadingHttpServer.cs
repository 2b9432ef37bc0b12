using System.Net;

namespace Http.Server;

/// <summary>
/// Listens, and serves all connections at once; Python's <c>http.server.ThreadingHTTPServer</c>, without a thread for
/// each.
/// </summary>
public sealed class ThreadingHttpServer : HttpServer
{
    /// <inheritdoc cref="HttpServer(IPEndPoint, Func{BaseHttpRequestHandler}, HttpServerOptions)"/>
    public ThreadingHttpServer(IPEndPoint address, Func<BaseHttpRequestHandler> createHandler, HttpServerOptions? options = null)
        : this([address ?? throw new ArgumentNullException(nameof(address))], createHandler, options)
    {
    }

    /// <inheritdoc cref="HttpServer(IEnumerable{EndPoint}, Func{BaseHttpRequestHandler}, HttpServerOptions)"/>
    public ThreadingHttpServer(IEnumerable<EndPoint> addresses, Func<BaseHttpRequestHandler> createHandler,
        HttpServerOptions? options = null)
        : base(addresses, createHandler, options, isConcurrent: true)
    {
    }

    /// <summary>A server on all interfaces whose connections each get a new <typeparamref name="THandler"/>.</summary>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="options">Limits and timeouts; null for the defaults.</param>
    /// <exception cref="ServerStartException">The port cannot be bound; the message says why and what helps.</exception>
    public static ThreadingHttpServer Create<THandler>(int port, HttpServerOptions? options = null)
        where THandler : BaseHttpRequestHandler, new() =>
        new(new IPEndPoint(IPAddress.IPv6Any, port), static () => new THandler(), options);
}
