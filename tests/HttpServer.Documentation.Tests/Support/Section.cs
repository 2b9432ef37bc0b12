namespace Http.Server.Documentation.Tests.Support;

/// <summary>What stands below a heading, up to the next one.</summary>
/// <param name="Heading">Its text; empty for what stands before the first.</param>
internal sealed record Section(string Heading)
{
    public List<Fence> Fences { get; } = [];
}
