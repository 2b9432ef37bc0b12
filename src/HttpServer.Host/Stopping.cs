using Http.Server.PowerShell;

namespace Http.Server.Host;

/// <summary>Stops servers, and the longest times that this may take.</summary>
internal static class Stopping
{
    /// <summary>Time for requests that run: 0.3 seconds, so that the program ends within a second of a signal.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.3);

    /// <summary>Time for the <c>finally</c> blocks of a script, and for the log's last lines: 0.5 seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest drain time of the servers that run.</summary>
    public static TimeSpan DrainTime() =>
        HttpServerHosting.GetServers().Select(static server => server.DrainTime).DefaultIfEmpty().Max();

    /// <summary>Stops all servers, after their drain time.</summary>
    public static Task StopServersAsync() => HttpServerHosting.StopAsync(Grace);

    /// <summary>Stops all servers at once.</summary>
    public static Task BreakOffAsync() => HttpServerHosting.StopAsync(TimeSpan.Zero);
}
