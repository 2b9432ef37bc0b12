using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>What a program that embeds PowerShell and this module asks about its servers from outside of any runspace.</summary>
public static class HttpServerHosting
{
    /// <summary>The servers of all sessions of the process that serve, or are about to end.</summary>
    public static IReadOnlyList<HttpServerInstance> GetServers() =>
        [.. HttpServerSession.All().SelectMany(static session => session.Servers).Where(static server => server.State != HttpServerState.Stopped)];

    /// <summary>
    /// Stops the servers of all sessions: each serves on for its drain time, unless the grace is zero; then requests that run may end within
    /// the grace. Calling it again ends the drain.
    /// </summary>
    /// <param name="grace">Time for running requests; <see cref="TimeSpan.Zero"/> breaks them off at once.</param>
    public static Task StopAsync(TimeSpan grace) => Task.WhenAll(GetServers().Select(server => Task.Run(() => server.StopAsync(grace))));
}
