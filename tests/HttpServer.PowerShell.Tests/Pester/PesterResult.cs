namespace Http.Server.PowerShell.Tests.Pester;

/// <summary>What came of one <c>It</c>, or of what went wrong around it.</summary>
/// <param name="Name">The names of the blocks around it and its own.</param>
/// <param name="Outcome">Passed, Failed, Skipped or Inconclusive.</param>
/// <param name="Message">Why, and where; empty if it passed.</param>
public sealed record PesterResult(string Name, string Outcome, string Message)
{
    public bool IsSkipped => Outcome is "Skipped" or "Inconclusive";
}
