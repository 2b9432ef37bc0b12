using System.Reflection.Metadata;

namespace Http.Server.Benchmarks.Profiles;

/// <summary>A method of an assembly.</summary>
/// <param name="Metadata">The assembly's metadata.</param>
/// <param name="Assembly">The assembly's name.</param>
/// <param name="Definition">The method.</param>
internal sealed record IndexedMethod(MetadataReader Metadata, string Assembly, MethodDefinition Definition);
