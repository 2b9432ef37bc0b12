using Http.Server.PowerShell.Engine;

namespace Http.Server.PowerShell.Handlers;

/// <summary>What a connection's handler needs of its server.</summary>
internal interface IHandlerHost
{
    /// <summary>The registered handlers as they are now.</summary>
    HandlerRoutes Routes { get; }

    /// <summary>The threads and runspaces that scripts run in.</summary>
    WorkerPool Workers { get; }

    /// <summary>Whether a directory is served beside the handlers.</summary>
    bool ServesFiles { get; }
}
