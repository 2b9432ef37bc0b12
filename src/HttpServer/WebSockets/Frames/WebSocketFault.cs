namespace Http.Server.WebSockets.Frames;

/// <summary>A client broke the protocol or a limit: its WebSocket is ended, and that is no error of the server.</summary>
/// <param name="code">The status that it is told.</param>
/// <param name="message">What is wrong, for the client.</param>
internal sealed class WebSocketFault(int code, string message) : IOException(message)
{
    public int Code { get; } = code;
}
