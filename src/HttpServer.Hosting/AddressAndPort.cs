using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Http.Server.Hosting;

/// <summary>An address that a user writes together with its port: <c>localhost:9100</c>.</summary>
public static class AddressAndPort
{
    private const string Unix = "unix:";

    /// <summary>Reads one.</summary>
    /// <param name="text">
    /// An address as <see cref="BindAddress.Resolve"/> takes it, a colon and the port; a colon and the port alone for all
    /// interfaces; or <c>unix:PATH</c>.
    /// </param>
    /// <exception cref="ArgumentException">The text is none; the message names it.</exception>
    /// <exception cref="ServerStartException">The name has no address; the message names it.</exception>
    public static IReadOnlyList<EndPoint> Resolve(string text) => TrySplit(text, out var address, out var port)
        ? BindAddress.Resolve(address, port)
        : throw new ArgumentException($"'{text}' is no address with a port: give one such as localhost:9100.", nameof(text));

    /// <summary>Whether a text has an address, perhaps an empty one, and a port.</summary>
    internal static bool TrySplit(string? text, [NotNullWhen(true)] out string? address, out int port)
    {
        (address, port) = (text, 0);
        if (text is null)
            return false;
        if (text.StartsWith(Unix, StringComparison.Ordinal))
            return text.Length > Unix.Length;
        var colon = text.LastIndexOf(':');
        if (colon < 0)
            return false;
        address = text[..colon];
        // An address of IPv6 has its port behind brackets: without them its last group would be taken for one.
        return (!address.Contains(':', StringComparison.Ordinal) || (address.StartsWith('[') && address.EndsWith(']')))
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port <= IPEndPoint.MaxPort;
    }
}
