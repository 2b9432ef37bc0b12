using System.Buffers.Binary;
using System.Net;

namespace Http.Server.Authentication;

/// <summary>
/// What clients are told apart by where one of them must not hold up others: an IPv4 address, or the /64 network of an IPv6
/// address, all of which one customer of a provider has (RFC 6177). Clients without an address, those of Unix domain sockets, are
/// one.
/// </summary>
/// <param name="Value">The first 64 bits of the address in its IPv6 form, and for IPv4 the address in the last 32.</param>
internal readonly record struct ClientNetwork(UInt128 Value)
{
    private const int AddressLength = 16;
    private const int NetworkLength = 8;

    /// <summary>The network of a client.</summary>
    /// <param name="client">Its end of the connection, or what a trusted proxy says of it.</param>
    public static ClientNetwork Of(EndPoint client)
    {
        if (client is not IPEndPoint { Address: var address })
            return default;
        Span<byte> bytes = stackalloc byte[AddressLength];
        (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? address.MapToIPv6() : address)
            .TryWriteBytes(bytes, out _);
        if (!address.IsIPv4MappedToIPv6 && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            bytes[NetworkLength..].Clear();
        return new(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }
}
