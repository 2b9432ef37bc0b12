using System.Globalization;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the numbers of servers.</summary>
public sealed class ServerIdCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.Servers.Select(static server => (server.Id.ToString(CultureInfo.InvariantCulture), server.ToString()));
}
