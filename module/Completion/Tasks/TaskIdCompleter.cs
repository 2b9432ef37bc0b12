using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the ids of tasks.</summary>
public sealed class TaskIdCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.AllTasks().Select(static task => (task.Id, $"{task.Name}, {task.Status}"));
}
