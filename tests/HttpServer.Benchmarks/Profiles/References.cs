using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Http.Server.Benchmarks.Profiles;

/// <summary>Writes into an assembly what it says of types and methods of others.</summary>
/// <param name="metadata">That of the assembly that is written.</param>
internal sealed class References(MetadataBuilder metadata)
{
    /// <summary>The name by which the compiler knows the type that stands for all reference types in shared code.</summary>
    private const string CanonicalType = "System.__Canon";
    private const string CanonicalAssembly = "System.Private.Canon";

    private readonly Dictionary<string, AssemblyReferenceHandle> _assemblies = [];
    private readonly Dictionary<(string Assembly, string Type), TypeReferenceHandle> _types = [];

    /// <param name="method">The method.</param>
    /// <param name="owner">Its type, as a type that is there: generic ones with what they are made of.</param>
    public EntityHandle Method(IndexedMethod method, EntityHandle owner)
    {
        var signature = new BlobBuilder();
        new SignatureCopy(method, this, signature).CopyMethod(method.Metadata.GetBlobReader(method.Definition.Signature));
        return metadata.AddMemberReference(owner, metadata.GetOrAddString(method.Metadata.GetString(method.Definition.Name)),
            metadata.GetOrAddBlob(signature));
    }

    /// <summary>A type by its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="assemblyOf">The assembly of types whose name has none; null if it is unknown.</param>
    /// <returns>Null if some assembly is unknown.</returns>
    public EntityHandle? Type(TypeName name, Func<string, string?> assemblyOf)
    {
        if (name.IsSimple)
            return AssemblyNameOf(name, assemblyOf) is { } assembly ? Type(assembly, name.FullName) : null;
        var blob = new BlobBuilder();
        return TryWrite(blob, name, assemblyOf) ? metadata.AddTypeSpecification(metadata.GetOrAddBlob(blob)) : null;
    }

    /// <param name="assembly">The name of the assembly.</param>
    /// <param name="fullName">The name of the type: nested ones behind a plus.</param>
    public EntityHandle Type(string assembly, string fullName)
    {
        if (_types.TryGetValue((assembly, fullName), out var known))
            return known;
        var plus = fullName.LastIndexOf('+');
        var scope = plus >= 0 ? Type(assembly, fullName[..plus]) : Assembly(assembly);
        var simple = fullName[(plus + 1)..];
        var dot = plus < 0 ? simple.LastIndexOf('.') : -1;
        var made = metadata.AddTypeReference(scope, dot < 0 ? default : metadata.GetOrAddString(simple[..dot]),
            metadata.GetOrAddString(simple[(dot + 1)..]));
        _types.Add((assembly, fullName), made);
        return made;
    }

    private bool TryWrite(BlobBuilder blob, TypeName name, Func<string, string?> assemblyOf)
    {
        if (name.IsSZArray)
        {
            blob.WriteByte((byte)SignatureTypeCode.SZArray);
            return TryWrite(blob, name.GetElementType(), assemblyOf);
        }

        if (name.IsConstructedGenericType)
        {
            blob.WriteByte((byte)SignatureTypeCode.GenericTypeInstance);
            if (!TryWrite(blob, name.GetGenericTypeDefinition(), assemblyOf))
                return false;
            var arguments = name.GetGenericArguments();
            blob.WriteCompressedInteger(arguments.Length);
            return arguments.All(argument => TryWrite(blob, argument, assemblyOf));
        }

        if (!name.IsSimple || AssemblyNameOf(name, assemblyOf) is not { } assembly)
            return false;
        // The compiler does not ask whether a type is a value's: it looks the type up.
        blob.WriteByte((byte)SignatureTypeKind.Class);
        blob.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(Type(assembly, name.FullName)));
        return true;
    }

    private static string? AssemblyNameOf(TypeName name, Func<string, string?> assemblyOf) =>
        name.FullName == CanonicalType ? CanonicalAssembly : name.AssemblyName?.Name ?? assemblyOf(name.FullName);

    private AssemblyReferenceHandle Assembly(string name)
    {
        if (_assemblies.TryGetValue(name, out var known))
            return known;
        var made = metadata.AddAssemblyReference(metadata.GetOrAddString(name), new Version(0, 0, 0, 0), default, default, default, default);
        _assemblies.Add(name, made);
        return made;
    }
}
