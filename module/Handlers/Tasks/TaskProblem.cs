namespace Http.Server.PowerShell.Handlers.Tasks;

/// <summary>Why a task has no result, as its client is told (RFC 9457).</summary>
/// <param name="Status">The status, as if a handler had failed so.</param>
/// <param name="Detail">What is wrong, without what a script says of itself.</param>
internal sealed record TaskProblem(int Status, string Detail);
