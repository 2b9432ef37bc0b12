using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the names of ways to log in.</summary>
public sealed class AuthenticationNameCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.Authentications.Select(static authentication => (authentication.Name, authentication.ToString()));
}
