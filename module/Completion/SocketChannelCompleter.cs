using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the names of channels that a WebSocket is in.</summary>
public sealed class SocketChannelCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.SocketChannels.GetNames().Select(static name => (name, $"The channel {name}"));
}
