using System.Net;
using System.Net.Sockets;

namespace Http.Server.Hosting;

/// <summary>The line that says what is served where.</summary>
public static class Announcement
{
    /// <summary>The line, without its line break; control characters in it are made visible.</summary>
    /// <param name="what">What is served: a directory, or a word for handlers.</param>
    /// <param name="endPoints">Where the server listens.</param>
    /// <param name="isSecure">Whether it speaks HTTPS.</param>
    public static string Make(string what, IReadOnlyList<EndPoint> endPoints, bool isSecure)
    {
        ArgumentNullException.ThrowIfNull(what);
        var all = IsEverywhere(endPoints) ? " (all interfaces)" : "";
        var addresses = endPoints.Select(endPoint => Describe(endPoint, isSecure ? "https" : "http"));
        return VisibleText.Of($"Serving {what} on {string.Join(", ", addresses)} ...{all}");
    }

    /// <summary>The line that says where metrics are served apart, without its line break.</summary>
    /// <param name="endPoints">Where a server serves them.</param>
    /// <param name="path">Their path.</param>
    public static string MakeForMetrics(IEnumerable<EndPoint> endPoints, string path) => VisibleText.Of(
        $"Metrics on {string.Join(", ", endPoints.Select(endPoint =>
            endPoint is IPEndPoint ? Describe(endPoint, "http") + path[1..] : $"{Describe(endPoint, "http")} at {path}"))}");

    /// <summary>Whether one of the addresses is that of all interfaces.</summary>
    /// <param name="endPoints">Where a server listens.</param>
    public static bool IsEverywhere(IEnumerable<EndPoint> endPoints) => endPoints.OfType<IPEndPoint>().Any(IsEveryInterface);

    /// <summary>Lines with the addresses by which other machines reach the server; empty where there are none.</summary>
    /// <param name="addresses">Those of <see cref="HttpServer.GetAddresses"/>.</param>
    public static string ListForOthers(IEnumerable<Uri> addresses)
    {
        const string Lead = "From other machines: ";
        return string.Concat(addresses.Where(static address => !address.IsLoopback)
            .Select(static (address, at) =>
                (at == 0 ? Lead : new string(' ', Lead.Length)) + address.AbsoluteUri + Environment.NewLine));
    }

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
