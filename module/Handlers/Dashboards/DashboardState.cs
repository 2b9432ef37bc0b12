namespace Http.Server.PowerShell.Handlers.Dashboards;

/// <summary>What the dashboard of a server shows at a moment.</summary>
/// <param name="Name">The server's name.</param>
/// <param name="Servers">The servers of the session.</param>
/// <param name="Handlers">The handlers of this server.</param>
/// <param name="Log">The newest entries of its log, the newest first.</param>
internal sealed record DashboardState(string Name, IReadOnlyList<DashboardServer> Servers,
    IReadOnlyList<DashboardHandler> Handlers, IReadOnlyList<HttpServerLogEntry> Log)
{
    /// <summary>How many entries of the log are shown.</summary>
    public const int LogEntries = 50;
}
