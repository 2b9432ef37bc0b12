using System.Net;
using System.Net.Sockets;

namespace Http.Server.Cli;

/// <summary>The line that says what is served where.</summary>
internal static class Announcement
{
    public static string Make(string directory, Server.HttpServer server)
    {
        var all = IsEverywhere(server) ? " (all interfaces)" : "";
        var addresses = server.EndPoints.Select(endPoint => Describe(endPoint, server.IsSecure ? "https" : "http"));
        return Terminal.ShowControls($"Serving {directory} on {string.Join(", ", addresses)} ...{all}") + Environment.NewLine;
    }

    /// <summary>Whether it listens at all interfaces.</summary>
    public static bool IsEverywhere(Server.HttpServer server) => server.EndPoints.OfType<IPEndPoint>().Any(IsEveryInterface);

    /// <summary>An address that a browser takes, so localhost for all interfaces.</summary>
    private static string Describe(EndPoint endPoint, string scheme) => endPoint switch
    {
        IPEndPoint ip when IsEveryInterface(ip) => $"{scheme}://localhost:{ip.Port}/",
        IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 } ip => $"{scheme}://[{ip.Address}]:{ip.Port}/",
        IPEndPoint ip => $"{scheme}://{ip.Address}:{ip.Port}/",
        _ when scheme == "https" => $"unix:{endPoint} (HTTPS)",
        _ => $"unix:{endPoint}",
    };

    private static bool IsEveryInterface(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.IPv6Any) || endPoint.Address.Equals(IPAddress.Any);
}
