using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>What a program that embeds PowerShell and this module asks about its servers from outside of any runspace.</summary>
public static class HttpServerHosting
{
    /// <summary>A server serves, or has ended; raised on any thread, with the server as the sender.</summary>
    public static event EventHandler? ServersChanged;

    /// <summary>
    /// A server has logged a request or a message, of whatever level, and no cmdlet shows its log meanwhile; raised on the thread
    /// that logs, with the server as the sender. A subscriber must not take its time, nor throw.
    /// </summary>
    public static event EventHandler<HttpServerLogEntry>? EntryLogged;

    /// <summary>
    /// The servers of all sessions of the process that serve, are about to end, or are just being started again by a
    /// handler.
    /// </summary>
    public static IReadOnlyList<HttpServerInstance> GetServers() =>
        [.. HttpServerSession.All().SelectMany(static session => session.Servers)
            .Where(static server => server.State != HttpServerState.Stopped || server.IsReturning)];

    /// <summary>
    /// Stops the servers of all sessions: each serves on for its drain time, unless the grace is zero; then requests that run may
    /// end within the grace. Calling it again ends the drain.
    /// </summary>
    /// <param name="grace">Time for running requests; <see cref="TimeSpan.Zero"/> breaks them off at once.</param>
    public static Task StopAsync(TimeSpan grace)
    {
        ServiceNotices.TellStopping(grace);
        return Task.WhenAll(GetServers().Select(server => Task.Run(() => server.StopAsync(grace))));
    }

    internal static void RaiseServersChanged(HttpServerInstance server) => ServersChanged?.Invoke(server, EventArgs.Empty);

    internal static void RaiseEntryLogged(HttpServerInstance server, HttpServerLogEntry entry) =>
        EntryLogged?.Invoke(server, entry);
}
