using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the names of tasks.</summary>
public sealed class TaskNameCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session) =>
        session.AllTasks().Select(static task => (task.Name, $"{task.Status}, {task.Path}"));
}
