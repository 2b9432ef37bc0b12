namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>A task that a server knows.</summary>
/// <param name="Number">Counts the tasks of the process in the order in which they were started.</param>
/// <param name="Task">The task.</param>
/// <param name="Publisher">Tells of it.</param>
internal sealed record KnownTask(int Number, HttpTask Task, TaskPublisher Publisher);
