using Http.Server.Benchmarks.Load;

namespace Http.Server.Benchmarks.Instances;

/// <summary>What servers answer with.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Path">What clients ask for.</param>
/// <param name="Recipe">How one is started.</param>
internal sealed record InstanceKind(string Name, string Path, ServerRecipe Recipe);
