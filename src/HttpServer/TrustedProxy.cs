using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Http.Server.Logging;
using Http.Server.Proxies;

namespace Http.Server;

/// <summary>
/// Where a proxy connects from that is believed what it says of its clients; see
/// <see cref="HttpServerOptions.TrustedProxies"/>.
/// </summary>
public sealed class TrustedProxy
{
    private readonly IPNetwork? _network;

    private TrustedProxy(IPNetwork? network) => _network = network;

    /// <summary>All connections through Unix domain sockets.</summary>
    public static TrustedProxy UnixSocket { get; } = new(null);

    /// <summary>The addresses; null for <see cref="UnixSocket"/>.</summary>
    public IPNetwork? Network => _network;

    /// <summary>Takes a network.</summary>
    /// <param name="network">Its addresses; those of IPv4 may be written as IPv6 ones.</param>
    public static TrustedProxy FromNetwork(IPNetwork network)
    {
        if (network.BaseAddress is { IsIPv4MappedToIPv6: true } mapped && network.PrefixLength >= 96)
            network = new IPNetwork(mapped.MapToIPv4(), network.PrefixLength - 96);
        return new(network);
    }

    /// <summary>Reads an address, a network or <c>unix</c>.</summary>
    /// <param name="text"><c>192.0.2.1</c>, <c>2001:db8::1</c>, <c>10.0.0.0/8</c>, <c>fd00::/8</c> or <c>unix</c>.</param>
    /// <exception cref="FormatException">It is none of them.</exception>
    public static TrustedProxy Parse(string text) => TryParse(text, out var proxy)
        ? proxy
        : throw new FormatException(
        $"'{LogText.Escape(text)}' is no address such as 192.0.2.1, no network such as 10.0.0.0/8, and not unix.");

    /// <summary>Reads an address, a network or <c>unix</c>.</summary>
    /// <param name="text">What <see cref="Parse"/> takes. An address with bits beyond the network's is refused: one of the two is
    /// not meant.</param>
    /// <param name="proxy">The result; null if it is none of them.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out TrustedProxy? proxy)
    {
        proxy = text == "unix" ? UnixSocket : null;
        if (proxy is not null || string.IsNullOrEmpty(text))
            return proxy is not null;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var written)
            || !AddressText.TryParse(Encoding.UTF8.GetBytes(slash < 0 ? text : text[..slash]), out var address))
            return false;
        var shorter = written.AddressFamily == address!.AddressFamily ? 0 : 96;
        var most = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var bits = most;
        if (slash >= 0)
        {
            if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits))
                return false;
            bits -= shorter;
        }

        if (bits < 0 || bits > most || !HasNothingBeyond(address, bits))
            return false;
        proxy = new(new IPNetwork(address, bits));
        return true;
    }

    /// <summary>The network, an address without its length, or <c>unix</c>.</summary>
    public override string ToString() => _network switch
    {
        null => "unix",
        { BaseAddress: var address, PrefixLength: var bits } when bits == address.GetAddressBytes().Length * 8 =>
        address.ToString(),
        { } network => network.ToString(),
    };

    /// <summary>Whether one of the proxies connects from there.</summary>
    internal static bool AnyCovers(IReadOnlyList<TrustedProxy> proxies, EndPoint peer) => peer is IPEndPoint ip
        ? AnyCovers(proxies, ip.Address)
        : peer is UnixDomainSocketEndPoint && proxies.Any(static proxy => proxy._network is null);

    /// <summary>Whether one of the proxies has this address.</summary>
    internal static bool AnyCovers(IReadOnlyList<TrustedProxy> proxies, IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        for (var at = 0; at < proxies.Count; at++)
        {
            if (proxies[at]._network is { } network && network.Contains(address))
                return true;
        }

        return false;
    }

    private static bool HasNothingBeyond(IPAddress address, int bits)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = bits; bit < bytes.Length * 8; bit++)
        {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) != 0)
                return false;
        }

        return true;
    }
}
