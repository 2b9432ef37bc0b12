using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell.Cmdlets.Foreground;

/// <summary>Servers that a cmdlet serves in the foreground: it shows their log until Ctrl+C or SIGTERM ends it.</summary>
/// <param name="say">Shows a line; called on the thread of the cmdlet.</param>
internal sealed class ForegroundServers(Action<string> say)
{
    /// <summary>The time for running requests: Ctrl+C is to end the cmdlet within a second.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.3);

    private readonly List<HttpServerInstance> _servers = [];
    private volatile bool _isInterrupted;

    public bool IsEmpty => _servers.Count == 0;

    public void Add(HttpServerInstance server) => _servers.Add(server);

    /// <summary>Ends <see cref="Serve"/>; may be called on any thread.</summary>
    public void Interrupt()
    {
        _isInterrupted = true;
        Wake();
    }

    /// <summary>Shows the log until the servers have ended or <see cref="Interrupt"/> is called.</summary>
    /// <param name="announce">Called with each server before the first line of the log.</param>
    /// <returns>True if SIGTERM has ended the servers.</returns>
    public bool Serve(Action<HttpServerInstance> announce)
    {
        using var termination = new Termination(Wake);
        var positions = new long[_servers.Count];
        foreach (var server in _servers)
            announce(server);
        while (!_isInterrupted && !termination.IsAsked
            && _servers.Exists(static server => server.State == HttpServerState.Running))
            ShowLogs(positions);
        if (!termination.IsAsked)
            return false;
        var stopping = termination.StopAsync(_servers);
        while (!stopping.IsCompleted && !_isInterrupted)
            ShowLogs(positions);
        return true;
    }

    /// <summary>Stops the servers and takes them out of the session.</summary>
    public void End(HttpServerSession session)
    {
        Task.WhenAll(_servers.Select(static server => server.StopAsync(Grace))).GetAwaiter().GetResult();
        foreach (var server in _servers)
            session.Remove(server);
    }

    private void Wake()
    {
        foreach (var server in _servers)
            server.Log.WakeFollowers();
    }

    private void ShowLogs(long[] positions)
    {
        // With one server each entry is shown at once; several are asked in turn.
        var patience = TimeSpan.FromMilliseconds(_servers.Count == 1 ? 500 : 100);
        for (var at = 0; at < _servers.Count; at++)
        {
            foreach (var entry in _servers[at].Log.Follow(ref positions[at], patience)
                .Where(static entry => entry.Level >= LogLevel.Information))
                say(entry.ToString());
        }
    }
}
