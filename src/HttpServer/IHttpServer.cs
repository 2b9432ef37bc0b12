using Http.Server.State;

namespace Http.Server;

/// <summary>What a handler sees of the server that it works for.</summary>
public interface IHttpServer
{
    /// <summary>
    /// The name of this host as the server knows it without asking a name service (Python:
    /// <c>server_name</c>).
    /// </summary>
    string ServerName { get; }

    /// <summary>
    /// The port that is really bound, also when port 0 was asked for; 0 for a Unix domain socket (Python:
    /// <c>server_port</c>).
    /// </summary>
    int ServerPort { get; }

    /// <summary>
    /// Whether clients speak HTTPS with this server; an address of it then begins with <c>https://</c>. Default
    /// false.
    /// </summary>
    bool IsSecure => false;

    /// <summary>The limits the server keeps.</summary>
    HttpServerOptions Options { get; }

    /// <summary>Where handlers keep what outlasts a request.</summary>
    /// <exception cref="NotSupportedException">This server has none.</exception>
    IHttpStateStore StateStore => throw new NotSupportedException("This server has no store.");

    /// <summary>The server has been told to end: running requests may finish, connections are not kept.</summary>
    bool IsStopping { get; }

    /// <summary>
    /// The end is near: the server serves on for <see cref="HttpServerOptions.DrainTime"/>, or is stopping. Health checks are
    /// answered 503, and connections are not kept.
    /// </summary>
    bool IsDraining => IsStopping;

    /// <summary>
    /// Ends the server, and does not wait for it: a handler can end the server that it works for. Requests that run, the one of
    /// the caller among them, have five seconds, after <see cref="HttpServerOptions.DrainTime"/>.
    /// </summary>
    /// <exception cref="NotSupportedException">The server cannot be ended by its handlers.</exception>
    void Stop() => throw new NotSupportedException("This server cannot be ended by its handlers.");
}
