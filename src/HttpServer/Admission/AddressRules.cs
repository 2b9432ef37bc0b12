using System.Net;

namespace Http.Server.Admission;

/// <summary>Which addresses may ask: none that is denied and, where some are allowed, no other than those.</summary>
/// <param name="allowed">Networks; none for all.</param>
/// <param name="denied">Networks, which win.</param>
internal sealed class AddressRules(IEnumerable<IPNetwork> allowed, IEnumerable<IPNetwork> denied)
{
    // A network of IPv4 may be written as one of IPv6; clients are compared by their IPv4 address.
    private readonly IPNetwork[] _allowed = [.. allowed.Select(Unmap)];
    private readonly IPNetwork[] _denied = [.. denied.Select(Unmap)];

    /// <summary>Whether a client may ask. Clients of Unix domain sockets have no address: rules say nothing of them.</summary>
    /// <param name="client">The client, as trusted proxies name it.</param>
    /// <param name="isKnown">False if a proxy has not told whose request it is: then none of the allowed is known to be.</param>
    public bool Allow(EndPoint client, bool isKnown)
    {
        if (client is not IPEndPoint { Address: var address })
            return isKnown || _allowed.Length == 0;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return !Contain(_denied, address) && (_allowed.Length == 0 || (isKnown && Contain(_allowed, address)));
    }

    private static IPNetwork Unmap(IPNetwork network) => TrustedProxy.FromNetwork(network).Network!.Value;

    private static bool Contain(IPNetwork[] networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }
}
