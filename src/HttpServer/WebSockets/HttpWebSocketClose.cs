namespace Http.Server.WebSockets;

/// <summary>How a WebSocket has ended.</summary>
/// <param name="Code">
/// The status (RFC 6455, section 7.4): the one that was sent first, by whichever side; 1005 if the client gave none, 1006 if the
/// connection was lost.
/// </param>
/// <param name="Reason">What was said of it; empty if nothing.</param>
/// <param name="IsByClient">The client has ended it, or is gone.</param>
public sealed record HttpWebSocketClose(int Code, string Reason, bool IsByClient);
