using System.Net.WebSockets;
using Http.Server.Transport;
using Http.Server.WebSockets.Frames;

namespace Http.Server.WebSockets;

/// <summary>A WebSocket that a handler's own method reads and writes, under the server's limits.</summary>
internal static class RawWebSocket
{
    /// <summary>Serves a WebSocket to its end.</summary>
    /// <param name="connection">The connection, whose handshake has been answered.</param>
    /// <param name="terms">What was agreed on.</param>
    /// <param name="options">What is granted.</param>
    /// <param name="client">The client, for the log.</param>
    /// <param name="serve">The method; when it returns, the WebSocket is closed if it is not yet.</param>
    /// <param name="report">Told what the method throws that is no fault of the client.</param>
    public static async ValueTask ServeAsync(Connection connection, WebSocketTerms terms, HttpWebSocketOptions options,
        string client, Func<WebSocket, Task> serve, Action<Exception> report)
    {
        WebSocketLink? link = null;
        link = new WebSocketLink(connection, terms, options, client, (code, reason) => _ = link!.CloseAsync(code, reason));
        connection.SwitchTo(link);
        var failure = await TryServeAsync(link, serve, report).ConfigureAwait(false);
        if (failure is null && link.Socket.State is WebSocketState.Open or WebSocketState.CloseSent)
        {
            await link.CloseAsync(CloseCode.Normal, "").ConfigureAwait(false);
            failure = await link.AwaitCloseAsync().ConfigureAwait(false);
        }

        await link.FinishAsync(failure).ConfigureAwait(false);
    }

    private static async Task<Exception?> TryServeAsync(
        WebSocketLink link, Func<WebSocket, Task> serve, Action<Exception> report)
    {
        try
        {
            await serve(link.Socket).ConfigureAwait(false);
            return null;
        }
        // What the method itself has to do with elsewhere throws the same exceptions.
        catch (Exception exception) when (WebSocketLink.IsOfClient(exception) && link.HasFailed)
        {
            return exception;
        }
        catch (Exception exception)
        {
            report(exception);
            await link.CloseAsync(CloseCode.InternalError, "").ConfigureAwait(false);
            return await link.AwaitCloseAsync().ConfigureAwait(false);
        }
    }
}
