using Http.Server.Events;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Handlers.Dashboards;
using Http.Server.PowerShell.Handlers.Tasks;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell.Handlers;

/// <summary>What a connection's handler needs of its server.</summary>
internal interface IHandlerHost
{
    /// <summary>The registered handlers as they are now.</summary>
    HandlerRoutes Routes { get; }

    /// <summary>The threads and runspaces that scripts run in.</summary>
    WorkerPool Workers { get; }

    /// <summary>The tasks of the server.</summary>
    ServerTasks Tasks { get; }

    /// <summary>Whether a directory is served beside the handlers.</summary>
    bool ServesFiles { get; }

    /// <summary>The channels that WebSockets may join.</summary>
    HttpWebSocketChannels WebSocketChannels { get; }

    /// <summary>Whether forms need a token of their session, where a handler does not say otherwise.</summary>
    bool ChecksForms { get; }

    /// <summary>The page that shows what the server does; null if it has none.</summary>
    Dashboard? Dashboard { get; }

    /// <summary>The channel of a handler that sends events; null if it has been unregistered just now.</summary>
    HttpEventChannel? FindChannel(RegisteredHandler handler);

    /// <summary>What calls the scripts of a handler for a WebSocket that has been agreed to.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="connection">The request that the WebSocket begins with.</param>
    /// <param name="values">The values of the handler's pattern.</param>
    IHttpWebSocketHandler MakeSocketHandler(
        RegisteredHandler handler, ScriptHttpRequestHandler connection, IReadOnlyDictionary<string, string> values);
}
