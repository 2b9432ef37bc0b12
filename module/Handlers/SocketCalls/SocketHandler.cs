using System.Collections;
using Http.Server.PowerShell.Handlers.WebSockets;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell.Handlers.SocketCalls;

/// <summary>Calls the scripts of a handler for one WebSocket. Between calls it takes no worker.</summary>
/// <param name="host">The server.</param>
/// <param name="handler">The handler.</param>
/// <param name="connection">The request that the WebSocket began with.</param>
/// <param name="values">The values of the handler's pattern.</param>
internal sealed class SocketHandler(IHandlerHost host, RegisteredHandler handler, ScriptHttpRequestHandler connection,
    IReadOnlyDictionary<string, string> values) : IHttpWebSocketHandler
{
    private readonly SocketScripts _scripts = handler.WebSocket!;
    private SocketCall? _call;

    /// <inheritdoc/>
    public async ValueTask OpenAsync(HttpWebSocket socket)
    {
        var request = new ScriptRequest(connection, values);
        request.Keep();
        var shown = new ScriptWebSocket(socket, request, host.WebSocketChannels);
        _call = new SocketCall(socket, shown, request, connection.AddressString());
        _scripts.Add(socket);
        if (_scripts.Open is not { } open)
            return;
        try
        {
            await _call.RunAsync(host.Workers, open, GateOf(), null, sendsOutput: true).ConfigureAwait(false);
        }
        catch
        {
            _scripts.Remove(socket);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask ReceiveAsync(HttpWebSocket socket, HttpWebSocketMessage message)
    {
        handler.CountCall();
        object given = message.IsText ? message.ReadText() : message.Bytes.ToArray();
        return _call!.RunAsync(host.Workers, handler.Script, GateOf(),
            new Hashtable(1) { [SocketParameters.OfMessages[0]] = given }, sendsOutput: true);
    }

    /// <inheritdoc/>
    public ValueTask CloseAsync(HttpWebSocket socket, HttpWebSocketClose close)
    {
        _scripts.Remove(socket);
        return _scripts.Close is { } script
            ? _call!.RunAsync(host.Workers, script, GateOf(), new Hashtable(2)
            {
                [SocketParameters.OfCloses[0]] = close.Code,
                [SocketParameters.OfCloses[1]] = close.Reason,
            }, sendsOutput: false)
            : default;
    }

    private Engine.WorkGate? GateOf() => host.Routes.GateOf(handler);
}
