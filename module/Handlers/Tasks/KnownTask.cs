namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>A task that a server knows.</summary>
/// <param name="Task">The task.</param>
/// <param name="Publisher">Tells of it.</param>
internal sealed record KnownTask(HttpTask Task, TaskPublisher Publisher);
