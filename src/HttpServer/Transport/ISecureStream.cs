using Http.Server.Transport.Polling;

namespace Http.Server.Transport;

/// <summary>
/// What a connection asks of TLS. Named here, since naming <see cref="System.Net.Security.SslStream"/> would load its library
/// into every server that speaks plain HTTP.
/// </summary>
internal interface ISecureStream
{
    /// <summary>The handshake is done.</summary>
    bool IsAuthenticated { get; }

    /// <summary>The socket below, if the library waits for it itself.</summary>
    PolledSocket? Polled { get; }

    /// <summary>Sends the close_notify alert.</summary>
    Task ShutdownAsync();
}
