using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Http.Server.Cli.Tests.Support;

namespace Http.Server.Cli.Tests;

/// <summary>The profile that the native program is compiled with is of the code that is there.</summary>
public sealed class NativeProfileTests
{
    private const string Name = "httpserver.mibc";

    [Fact]
    public void Nine_of_ten_methods_that_it_names_are_there()
    {
        var known = new HashSet<string>(MethodsOf("HttpServer.dll").Concat(MethodsOf("HttpServer.Hosting.dll")), StringComparer.Ordinal);
        using var profile = Open(Path.Combine(ServerProgram.Repository, "src", "HttpServer.Cli", Name));
        var metadata = profile.GetMetadataReader();
        var named = metadata.MemberReferences.Select(handle => NameOf(metadata, metadata.GetMemberReference(handle))).OfType<string>().ToList();
        Assert.True(named.Count > 100, $"The profile names only {named.Count} methods.");
        var missing = named.Where(name => !known.Contains(name)).ToList();
        Assert.True(missing.Count * 10 <= named.Count, "The code has changed much since its profile was made: run 'dotnet run -c Release --project "
            + $"tests/HttpServer.Benchmarks -- profile src/HttpServer.Cli/{Name}'. No longer there: {string.Join(", ", missing)}");
    }

    /// <summary>The name of a method of one of the two assemblies with that of its type; null for others, and those of generic types.</summary>
    private static string? NameOf(MetadataReader metadata, MemberReference method)
    {
        if (method.Parent.Kind != HandleKind.TypeReference)
            return null;
        var (assembly, type) = NameOf(metadata, (TypeReferenceHandle)method.Parent);
        return assembly is "HttpServer" or "HttpServer.Hosting" ? $"{type}.{metadata.GetString(method.Name)}" : null;
    }

    private static (string Assembly, string Type) NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        var name = metadata.GetString(type.Name);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            var (assembly, outer) = NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope);
            return (assembly, $"{outer}+{name}");
        }

        var scope = metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
        return (metadata.GetString(scope.Name), $"{metadata.GetString(type.Namespace)}.{name}");
    }

    private static IEnumerable<string> MethodsOf(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly)));
        var metadata = file.GetMetadataReader();
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            yield return $"{NameOf(metadata, method.GetDeclaringType())}.{metadata.GetString(method.Name)}";
        }
    }

    private static string NameOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = metadata.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer
            ? $"{NameOf(metadata, outer)}+{name}"
            : $"{metadata.GetString(type.Namespace)}.{name}";
    }

    private static PEReader Open(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        using var content = archive.GetEntry(Name + ".dll")!.Open();
        var bytes = new MemoryStream();
        content.CopyTo(bytes);
        bytes.Position = 0;
        return new PEReader(bytes);
    }
}
