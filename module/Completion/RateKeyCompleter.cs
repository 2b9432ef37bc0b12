using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes what clients are told apart by for a rate limit.</summary>
public sealed class RateKeyCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
    [
        ("Address", "The client's address; of IPv6 its /64 network"), ("User", "The user who was authenticated"),
        ("Header:X-Api-Key", "The value of a request header"),
    ];
}
