using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes methods: the usual ones, and those that handlers have been registered for.</summary>
public sealed class MethodCompleter : SessionCompleter
{
    private static readonly string[] Usual = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "WEBSOCKET", "*"];

    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        Usual.Concat(session.Handlers.SelectMany(static handler => handler.Method)).Select(static method => (method, method));
}
