using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the names of servers.</summary>
public sealed class ServerNameCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.Servers.Select(static server => (server.Name, server.ToString()));
}
