using System.Net;
using System.Net.Sockets;

namespace Http.Server.PowerShell.Servers;

/// <summary>The one address of a server that is shown, and that a browser takes.</summary>
internal static class ServerUri
{
    /// <summary>
    /// The address: where all interfaces are listened at, the first one by which other machines reach this one.
    /// </summary>
    /// <param name="endPoints">Where the server listens.</param>
    /// <param name="addresses">The server's addresses for clients.</param>
    /// <param name="isSecure">Whether it speaks HTTPS.</param>
    /// <returns>Null for a server at Unix domain sockets alone.</returns>
    public static Uri? Find(IReadOnlyList<EndPoint> endPoints, IReadOnlyList<Uri> addresses, bool isSecure)
    {
        var ip = endPoints.OfType<IPEndPoint>().FirstOrDefault();
        if (ip is null)
            return null;
        var isEvery = ip.Address.Equals(IPAddress.IPv6Any) || ip.Address.Equals(IPAddress.Any);
        // Users give this address to others, so it has to work on other machines.
        if (isEvery && addresses.FirstOrDefault(static address => !address.IsLoopback) is { } reachable)
            return reachable;
        // Loopbacks of both families are what "localhost" means.
        var isLocalhost = isEvery
            || endPoints.OfType<IPEndPoint>().Count(static point => IPAddress.IsLoopback(point.Address)) > 1;
        var host = isLocalhost ? "localhost" : ip.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{ip.Address}]"
            : ip.Address.ToString();
        return new Uri($"{(isSecure ? "https" : "http")}://{host}:{ip.Port}/");
    }

    /// <summary>The address of a server's metrics.</summary>
    /// <param name="own">The server's own address.</param>
    /// <param name="server">The server.</param>
    /// <returns>Null if it has none, or none that a browser takes.</returns>
    public static Uri? FindOfMetrics(Uri? own, HttpServer server)
    {
        if (server.Options.MetricsPath is not { } path)
            return null;
        var place = server.MetricsEndPoints.Count > 0 ? Find(server.MetricsEndPoints, [], isSecure: false) : own;
        return place is null ? null : new Uri(place, path);
    }
}
