using System.Net.Security;
using System.Net.Sockets;
using Http.Server.Transport;

namespace Http.Server.Tls;

/// <summary>TLS on a socket.</summary>
internal sealed class TlsStream : SslStream, ISecureStream
{
    public TlsStream(Socket socket)
        : base(MakeInner(new NetworkStream(socket, ownsSocket: false)))
    {
    }

    /// <summary>The handshake is done: reads go on where they complete.</summary>
    public void EndHandshake() => (InnerStream as HandshakeStream)?.EndHandshake();

    private static Stream MakeInner(NetworkStream stream) => InlineCompletions.IsEnabled ? new HandshakeStream(stream) : stream;
}
