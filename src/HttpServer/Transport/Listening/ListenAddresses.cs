using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Http.Server.Transport.Listening;

/// <summary>The addresses by which clients reach end points that a server listens at.</summary>
internal static class ListenAddresses
{
    /// <summary>
    /// The addresses of all end points, each once. Where all interfaces are listened at: localhost, then those of the
    /// interfaces.
    /// </summary>
    public static IReadOnlyList<Uri> Find(IEnumerable<EndPoint> endPoints, bool isSecure)
    {
        var scheme = isSecure ? "https" : "http";
        return [.. endPoints.OfType<IPEndPoint>().SelectMany(endPoint => FindHosts(endPoint.Address)
            .Select(host => new Uri($"{scheme}://{host}:{endPoint.Port}/"))).Distinct()];
    }

    /// <summary>
    /// Those of an interface's addresses that can be told to others, IPv4 first: neither loopbacks nor addresses that mean
    /// something on one link alone (169.254.0.0/16, fe80::/10), and none twice.
    /// </summary>
    public static IEnumerable<IPAddress> Usable(IEnumerable<IPAddress> addresses) => addresses
        .Where(static address => address.AddressFamily switch
        {
            AddressFamily.InterNetwork =>
                !IPAddress.IsLoopback(address) && !IsLinkLocal(address) && !address.Equals(IPAddress.Any),
            AddressFamily.InterNetworkV6 => !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.IPv6Any)
                && !(address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6Multicast || address.IsIPv4MappedToIPv6),
            _ => false,
        })
        .Distinct()
        .OrderBy(static address => address.AddressFamily == AddressFamily.InterNetworkV6);

    private static IEnumerable<string> FindHosts(IPAddress address)
    {
        var isEvery = address.Equals(IPAddress.IPv6Any);
        if (isEvery || address.Equals(IPAddress.Any))
        {
            return FindOwn()
                .Where(own => isEvery || own.AddressFamily == AddressFamily.InterNetwork)
                .Select(Describe)
                .Prepend("localhost");
        }

        return [Describe(address)];
    }

    private static string Describe(IPAddress address)
    {
        // A zone is this machine's own name for the link, and no part of a URL.
        var text = address.ToString().Split('%')[0];
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{text}]" : text;
    }

    /// <summary>
    /// This machine's addresses; those of interfaces that lead elsewhere before those of virtual ones, which mostly have
    /// no gateway.
    /// </summary>
    private static IReadOnlyList<IPAddress> FindOwn()
    {
        try
        {
            return [.. Usable(NetworkInterface.GetAllNetworkInterfaces()
                // Linux does not know the state of some that work.
                .Where(static network => network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
                .Select(static network => network.GetIPProperties())
                .OrderBy(static properties => properties.GatewayAddresses.Count == 0)
                .SelectMany(static properties => properties.UnicastAddresses)
                .Select(static unicast => unicast.Address))];
        }
        catch (Exception exception) when (
            exception is NetworkInformationException or PlatformNotSupportedException or IOException
                or UnauthorizedAccessException)
        {
            // A sandbox may hide the network's interfaces. The server listens all the same.
            return [];
        }
    }

    private static bool IsLinkLocal(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out _) && bytes is [169, 254, ..];
    }
}
