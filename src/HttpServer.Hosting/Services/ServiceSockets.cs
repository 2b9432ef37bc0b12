using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Http.Server.Hosting.Services;

/// <summary>From addresses as users write them to those at which systemd listens for a service.</summary>
public static class ServiceSockets
{
    /// <summary>The values of <c>ListenStream=</c>.</summary>
    /// <param name="addresses">Addresses as <see cref="BindAddress.Resolve"/> takes them; none for all interfaces.</param>
    /// <param name="port">The port of those that have none.</param>
    /// <exception cref="CannotStartException">One is no address of a service.</exception>
    /// <exception cref="ServerStartException">A name has no address.</exception>
    public static IReadOnlyList<string> Find(IReadOnlyList<string> addresses, int port)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (addresses.FirstOrDefault(static address => address.StartsWith("fd:", StringComparison.Ordinal)) is { } handed)
            throw new CannotStartException($"{handed} is a socket of a service already: give an address and a port.");
        IEnumerable<string> places = addresses.Count == 0 ? ["*"] : addresses;
        return [.. places.SelectMany(place => BindAddress.Resolve(place, port)).Select(Show).Distinct()];
    }

    private static string Show(EndPoint endPoint) => endPoint switch
    {
        UnixDomainSocketEndPoint => SystemdText.Value(Path.GetFullPath(endPoint.ToString()!)),
        IPEndPoint { Port: 0 } => throw new CannotStartException("A service has a port of its own: give one other than 0."),
        IPEndPoint ip when ip.Address.Equals(IPAddress.IPv6Any) => ip.Port.ToString(CultureInfo.InvariantCulture),
        _ => endPoint.ToString()!,
    };
}
