using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the names of handlers.</summary>
public sealed class HandlerNameCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.Handlers.Select(static handler => (handler.Name, handler.ToString()));
}
