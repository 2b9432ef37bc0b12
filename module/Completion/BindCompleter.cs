using System.Net.NetworkInformation;
using System.Net.Sockets;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes addresses to listen at: this machine's own.</summary>
public sealed class BindCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        new[] { ("localhost", "Both loopbacks: this machine alone"), ("*", "All interfaces"), ("127.0.0.1", "IPv4 loopback"),
            ("::1", "IPv6 loopback") }
            .Concat(NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(static network => network.GetIPProperties()
                    .UnicastAddresses.Select(address => (address.Address, network.Name)))
                .Where(static own => own.Address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
                .Select(static own => (own.Address.ToString(), own.Name)));
}
