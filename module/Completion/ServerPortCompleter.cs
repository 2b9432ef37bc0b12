using System.Globalization;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the ports of servers.</summary>
public sealed class ServerPortCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.Servers.Select(static server => (server.Port.ToString(CultureInfo.InvariantCulture), server.ToString()));
}
