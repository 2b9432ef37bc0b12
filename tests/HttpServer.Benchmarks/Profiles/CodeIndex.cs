using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Http.Server.Benchmarks.Profiles;

/// <summary>The types of some assemblies by their full names.</summary>
internal sealed class CodeIndex : IDisposable
{
    private readonly List<PEReader> _files = [];
    private readonly Dictionary<string, (PEReader File, TypeDefinitionHandle Type)> _types = new(StringComparer.Ordinal);

    /// <param name="folders">The folders with the assemblies; of two types of one name that of the first folder counts.</param>
    public CodeIndex(IEnumerable<string> folders)
    {
        foreach (var path in folders.SelectMany(static folder => Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal)))
        {
            var file = new PEReader(File.OpenRead(path));
            _files.Add(file);
            if (!file.HasMetadata)
                continue;
            var metadata = file.GetMetadataReader();
            foreach (var type in metadata.TypeDefinitions)
                _types.TryAdd(FullNameOf(metadata, type), (file, type));
        }
    }

    /// <summary>The name of the assembly that defines a type; null if none does.</summary>
    public string? AssemblyOf(string typeName) => _types.TryGetValue(typeName, out var found) ? AssemblyName(found.File.GetMetadataReader()) : null;

    /// <summary>The only method of a type with that name and that size of its code; null if there is none, or more than one.</summary>
    public IndexedMethod? FindMethod(string typeName, string name, int codeSize)
    {
        if (!_types.TryGetValue(typeName, out var found))
            return null;
        var metadata = found.File.GetMetadataReader();
        var methods = metadata.GetTypeDefinition(found.Type).GetMethods()
            .Where(handle => metadata.GetMethodDefinition(handle) is var method && metadata.StringComparer.Equals(method.Name, name)
                && method.RelativeVirtualAddress != 0
                && found.File.GetMethodBody(method.RelativeVirtualAddress).GetILReader().Length == codeSize)
            .ToList();
        return methods.Count == 1 ? new(metadata, AssemblyName(metadata), metadata.GetMethodDefinition(methods[0])) : null;
    }

    /// <summary>A type's name as reflection writes it: nested types behind a plus.</summary>
    public static string FullNameOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = metadata.GetString(type.Name);
        if (type.GetDeclaringType() is { IsNil: false } outer)
            return $"{FullNameOf(metadata, outer)}+{name}";
        return type.Namespace.IsNil ? name : $"{metadata.GetString(type.Namespace)}.{name}";
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    private static string AssemblyName(MetadataReader metadata) => metadata.GetString(metadata.GetAssemblyDefinition().Name);
}
