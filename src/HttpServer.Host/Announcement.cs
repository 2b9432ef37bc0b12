using System.Net;
using Http.Server.PowerShell;

namespace Http.Server.Host;

/// <summary>The line that says what is served where.</summary>
internal static class Announcement
{
    public static string Make(HttpServerInstance server)
    {
        var points = server.EndPoints;
        var scheme = server.CertificateFingerprint is null ? "http" : "https";
        var all = points.OfType<IPEndPoint>().Any(IsEveryInterface) ? " (all interfaces)" : "";
        // A server of handlers alone has no directory.
        var what = string.Concat((server.Directory ?? "handlers").Select(static letter => char.IsControl(letter) ? $"\\x{(int)letter:x2}" : letter.ToString()));
        return $"Serving {what} on {string.Join(", ", points.Select(point => Describe(point, scheme)))} ...{all}";
    }

    /// <summary>An address that a browser takes, so localhost for all interfaces.</summary>
    private static string Describe(EndPoint endPoint, string scheme) => endPoint switch
    {
        IPEndPoint ip when IsEveryInterface(ip) => $"{scheme}://localhost:{ip.Port}/",
        IPEndPoint ip => $"{scheme}://{ip}/",
        _ => $"unix:{endPoint}",
    };

    private static bool IsEveryInterface(IPEndPoint endPoint) =>
        endPoint.Address.Equals(IPAddress.IPv6Any) || endPoint.Address.Equals(IPAddress.Any);
}
