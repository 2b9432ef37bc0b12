using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the names of timers.</summary>
public sealed class TimerNameCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.Timers.All().Select(static timer => (timer.Name, timer.ToString()));
}
