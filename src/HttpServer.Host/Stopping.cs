using Http.Server.PowerShell;

namespace Http.Server.Host;

/// <summary>How long an end takes at most.</summary>
internal static class Stopping
{
    /// <summary>For requests that run; with what else an end takes it stays below the second in which signals are obeyed.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(0.3);

    /// <summary>For what runs in a script's <c>finally</c>.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest drain time of the servers that run.</summary>
    public static TimeSpan DrainTime() => HttpServerHosting.GetServers().Select(static server => server.DrainTime).DefaultIfEmpty().Max();

    /// <summary>Stops all servers, after their drain time.</summary>
    public static Task StopServersAsync() => HttpServerHosting.StopAsync(Grace);

    /// <summary>Stops all servers at once.</summary>
    public static Task BreakOffAsync() => HttpServerHosting.StopAsync(TimeSpan.Zero);
}
