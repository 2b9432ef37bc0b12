using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Http.Server.Transport;

namespace Http.Server.Tls;

/// <summary>TLS on a socket.</summary>
internal sealed class TlsStream : SslStream, ISecureStream
{
    public TlsStream(Socket socket)
        : base(MakeInner(new NetworkStream(socket, ownsSocket: false)))
    {
    }

    /// <summary>What the client has shown; null if it was not asked, or has nothing.</summary>
    public ClientCertificate? ClientCertificate { get; private set; }

    /// <summary>Notes what the client shows in the handshake.</summary>
    /// <returns>True: the handshake goes on.</returns>
    public bool Take(X509Certificate? leaf, X509Chain? chain)
    {
        ClientCertificate = leaf is null ? null : ClientCertificate.Copy(leaf, chain);
        return true;
    }

    /// <summary>The handshake is done: reads go on where they complete.</summary>
    public void EndHandshake() => (InnerStream as HandshakeStream)?.EndHandshake();

    private static Stream MakeInner(NetworkStream stream) => InlineCompletions.IsEnabled ? new HandshakeStream(stream) : stream;
}
