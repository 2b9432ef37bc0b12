using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the patterns that handlers have been registered for.</summary>
public sealed class PatternCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.Handlers.Where(static handler => handler.Path is not null)
            .Select(static handler => (handler.Path!, handler.ToString()));
}
