namespace Http.Server.WebSockets;

/// <summary>
/// What answers the messages of WebSockets. One object may serve any number of them at once; the calls for one WebSocket come one
/// after the other, and it is not read while one runs. Between calls a WebSocket takes no thread.
/// </summary>
/// <remarks>What a call throws is logged, and ends the WebSocket with 1011.</remarks>
public interface IHttpWebSocketHandler
{
    /// <summary>Called once, before anything is read.</summary>
    /// <param name="socket">The WebSocket.</param>
    ValueTask OpenAsync(HttpWebSocket socket) => default;

    /// <summary>Called for each message.</summary>
    /// <param name="socket">The WebSocket.</param>
    /// <param name="message">The message, for as long as the call lasts.</param>
    ValueTask ReceiveAsync(HttpWebSocket socket, HttpWebSocketMessage message);

    /// <summary>Called once when it has ended, if <see cref="OpenAsync"/> has not thrown.</summary>
    /// <param name="socket">The WebSocket, to which nothing can be sent any more.</param>
    /// <param name="close">How it has ended.</param>
    ValueTask CloseAsync(HttpWebSocket socket, HttpWebSocketClose close) => default;
}
