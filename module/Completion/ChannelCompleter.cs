using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the names of channels of events.</summary>
public sealed class ChannelCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.Handlers.Where(static handler => handler.Channel is not null)
            .Select(static handler => (handler.Channel!, $"Events at {handler.Path}"));
}
