using Http.Server.Hosting.Services;

namespace Http.Server.PowerShell.Servers;

/// <summary>
/// Tells systemd of a service of <c>Type=notify</c> how the servers of the process are doing; elsewhere nothing happens.
/// </summary>
internal static class ServiceNotices
{
    private static readonly Lazy<ServiceNotifier?> Notifier = new(static () => ServiceNotifier.Create(Count));

    /// <summary>A server serves.</summary>
    public static void TellReady(HttpServerInstance server) => Notifier.Value?.Ready($"{server.Name} serves on {server.Uri}");

    /// <summary>A server reads its files anew; <see cref="TellReady"/> follows.</summary>
    public static void TellReloading() => Notifier.Value?.Reloading();

    /// <summary>The process is about to end.</summary>
    /// <param name="grace">The time for requests that run.</param>
    public static void TellStopping(TimeSpan grace)
    {
        var drain = HttpServerHosting.GetServers().Select(static server => server.Settings.Options.DrainTime)
            .DefaultIfEmpty().Max();
        Notifier.Value?.Stopping(drain + grace + TimeSpan.FromSeconds(5));
    }

    private static ServiceFigures Count()
    {
        var servers = HttpServerHosting.GetServers();
        return new ServiceFigures(servers.Sum(static server => server.RequestCount),
            servers.Sum(static server => server.ConnectionCount));
    }
}
