using System.Collections.Concurrent;
using Http.Server.PowerShell.Engine.Scripts;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell.Handlers.WebSockets;

/// <summary>
/// What a handler of WebSockets has beside the script for messages: scripts for the beginning and the end, what is granted, and
/// the WebSockets that are open.
/// </summary>
/// <param name="open">Called first; null for nothing.</param>
/// <param name="close">Called last; null for nothing.</param>
/// <param name="options">What is granted.</param>
internal sealed class SocketScripts(CallableScript? open, CallableScript? close, HttpWebSocketOptions options)
{
    /// <summary>The method that such handlers are registered for; no request has it.</summary>
    public const string Method = "WEBSOCKET";

    private readonly ConcurrentDictionary<HttpWebSocket, bool> _sockets = [];
    private volatile bool _isRemoved;

    public CallableScript? Open => open;

    public CallableScript? Close => close;

    public HttpWebSocketOptions Options => options;

    /// <summary>WebSockets that are open now.</summary>
    public int Count => _sockets.Count;

    /// <summary>Notes one that has opened.</summary>
    public void Add(HttpWebSocket socket)
    {
        _sockets[socket] = true;
        if (_isRemoved)
            End(socket);
    }

    /// <summary>Forgets one that has ended.</summary>
    public void Remove(HttpWebSocket socket) => _sockets.TryRemove(socket, out _);

    /// <summary>The handler has been unregistered, or replaced: its WebSockets are told to come back.</summary>
    public void Retire()
    {
        _isRemoved = true;
        open?.IsRemoved = true;
        close?.IsRemoved = true;
        foreach (var socket in _sockets.Keys)
            End(socket);
    }

    private static void End(HttpWebSocket socket) => socket.Close(1001, "What answered here is gone.");
}
