using System.Globalization;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the numbers of handlers.</summary>
public sealed class HandlerIdCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.Handlers.Select(static handler => (handler.Id.ToString(CultureInfo.InvariantCulture), handler.ToString()));
}
