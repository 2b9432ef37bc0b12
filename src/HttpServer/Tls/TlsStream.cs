using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Transport;
using Http.Server.Transport.Polling;

namespace Http.Server.Tls;

/// <summary>TLS on a socket.</summary>
internal sealed class TlsStream : SslStream, ISecureStream
{
    private TlsStream(PolledSocket? polled, Stream inner)
        : base(inner)
    {
        Polled = polled;
    }

    /// <inheritdoc/>
    public PolledSocket? Polled { get; }

    /// <summary>What the client has shown; null if it was not asked, or has nothing.</summary>
    public ClientCertificate? ClientCertificate { get; private set; }

    /// <summary>Notes what the client shows in the handshake.</summary>
    /// <returns>True: the handshake goes on.</returns>
    public bool Take(X509Certificate? leaf, X509Chain? chain)
    {
        ClientCertificate = leaf is null ? null : ClientCertificate.Copy(leaf, chain);
        return true;
    }

    /// <summary>TLS on a connected socket, which is not owned.</summary>
    public static TlsStream Make(Socket socket)
    {
        if (!Connection.IsPolled)
        {
            var stream = new NetworkStream(socket, ownsSocket: false);
            return new(null, InlineCompletions.IsEnabled ? new HandshakeStream(stream) : stream);
        }

        var polled = new PolledSocket(socket);
        return new(polled, new HandshakeStream(new PolledStream(polled)));
    }

    /// <summary>The handshake is done: reads go on where they complete.</summary>
    public void EndHandshake() => (InnerStream as HandshakeStream)?.EndHandshake();
}
