using System.Collections.Concurrent;
using Http.Server.Tests.Support;
using Http.Server.WebSockets;

namespace Http.Server.Tests.WebSockets;

/// <summary>What answers the messages of WebSockets in tests, and what was told to it. By default it sends back what comes.</summary>
internal sealed class TestSockets(Func<HttpWebSocket, HttpWebSocketMessage, ValueTask>? receive = null) : IHttpWebSocketHandler
{
    private readonly SemaphoreSlim _changed = new(0);

    public Func<HttpWebSocket, ValueTask> Opening { get; init; } = static _ => default;

    public Func<HttpWebSocket, HttpWebSocketClose, ValueTask> Closing { get; init; } = static (_, _) => default;

    public ConcurrentQueue<HttpWebSocket> Opened { get; } = new();

    public ConcurrentQueue<HttpWebSocketClose> Closed { get; } = new();

    /// <summary>A server all of whose paths are WebSockets.</summary>
    public RunningServer Serve(HttpWebSocketOptions? options = null, HttpServerOptions? server = null, ServerCertificate? certificate = null) =>
        ActionHandler.Serve(handler => handler.AcceptWebSocket(this, options), server, certificate);

    public async ValueTask OpenAsync(HttpWebSocket socket)
    {
        Opened.Enqueue(socket);
        _changed.Release();
        await Opening(socket);
    }

    public async ValueTask ReceiveAsync(HttpWebSocket socket, HttpWebSocketMessage message)
    {
        if (receive is not null)
            await receive(socket, message);
        else if (message.IsText)
            socket.Post(message.ReadText());
        else
            socket.Post(message.Bytes.ToArray());
    }

    public async ValueTask CloseAsync(HttpWebSocket socket, HttpWebSocketClose close)
    {
        await Closing(socket, close);
        Closed.Enqueue(close);
        _changed.Release();
    }

    /// <summary>The next WebSocket that has opened.</summary>
    public Task<HttpWebSocket> TakeOpenedAsync() => TakeAsync(Opened);

    /// <summary>How the next WebSocket has ended.</summary>
    public Task<HttpWebSocketClose> TakeClosedAsync() => TakeAsync(Closed);

    private async Task<T> TakeAsync<T>(ConcurrentQueue<T> queue)
    {
        T? taken;
        while (!queue.TryDequeue(out taken))
            Assert.True(await _changed.WaitAsync(TimeSpan.FromSeconds(30)), "Nothing came.");
        return taken;
    }
}
