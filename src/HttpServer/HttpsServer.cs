using System.Net;

namespace Http.Server;

/// <summary>
/// Listens, and serves one connection at a time over TLS; Python's <c>http.server.HTTPSServer</c>. A connection in its handshake
/// is one too. <see cref="ThreadingHttpsServer"/> serves all at once and is what most programs want.
/// </summary>
/// <remarks>
/// It speaks TLS 1.2 and 1.3 and names <c>http/1.1</c> as its protocol (ALPN, RFC 7301). A handshake has the time of
/// <see cref="HttpServerOptions.HeaderTimeout"/>. A client that comes with plain HTTP is told so.
/// </remarks>
public sealed class HttpsServer : HttpServer
{
    /// <summary>Binds the port.</summary>
    /// <param name="address">Where to listen. <see cref="IPAddress.IPv6Any"/> stands for all interfaces, IPv4 included; port 0
    /// for a free port.</param>
    /// <param name="createHandler">Makes the handler of a connection; called once for each, after its handshake.</param>
    /// <param name="certificate">What the server proves its name with.</param>
    /// <param name="options">Limits and timeouts; null for the defaults.</param>
    /// <exception cref="ServerStartException">The address cannot be bound; the message says why and what helps.</exception>
    public HttpsServer(IPEndPoint address, Func<BaseHttpRequestHandler> createHandler, ServerCertificate certificate,
        HttpServerOptions? options = null)
        : this([address ?? throw new ArgumentNullException(nameof(address))], createHandler, certificate, options)
    {
    }

    /// <summary>Binds several addresses, all or none.</summary>
    /// <param name="addresses">IP end points and Unix domain sockets; with port 0 in several, all get the same port.</param>
    /// <param name="createHandler">Makes the handler of a connection; called once for each, after its handshake.</param>
    /// <param name="certificate">What the server proves its name with.</param>
    /// <param name="options">Limits and timeouts; null for the defaults.</param>
    /// <exception cref="ServerStartException">An address cannot be bound; the message says why and what helps.</exception>
    public HttpsServer(IEnumerable<EndPoint> addresses, Func<BaseHttpRequestHandler> createHandler,
        ServerCertificate certificate, HttpServerOptions? options = null)
        : base(addresses, createHandler, options, isConcurrent: false, certificate
            ?? throw new ArgumentNullException(nameof(certificate)))
    {
    }
}
