using System.Net.WebSockets;

namespace Http.Server.WebSockets;

/// <summary>What a handshake has agreed on.</summary>
/// <param name="Accept">The answer to the client's key.</param>
/// <param name="SubProtocol">The subprotocol; null for none.</param>
/// <param name="Deflate">How messages are compressed; null if they are not.</param>
/// <param name="Extensions">What the client is told of that; null for nothing.</param>
internal sealed record WebSocketTerms(
    string Accept, string? SubProtocol, WebSocketDeflateOptions? Deflate, string? Extensions);
