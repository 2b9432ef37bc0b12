using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Http.Server.Benchmarks.Profiles;

/// <summary>Copies a method's signature from one assembly to another (ECMA-335, II.23.2): the types' numbers become those of the other one.</summary>
/// <param name="method">Whose signature it is.</param>
/// <param name="references">The types of the other assembly.</param>
/// <param name="target">Where it is written.</param>
internal sealed class SignatureCopy(IndexedMethod method, References references, BlobBuilder target)
{
    public void CopyMethod(BlobReader source) => CopyMethod(ref source);

    private void CopyMethod(ref BlobReader source)
    {
        var header = source.ReadSignatureHeader();
        target.WriteByte(header.RawValue);
        if (header.IsGeneric)
            CopyNumber(ref source);
        var parameters = CopyNumber(ref source);
        for (var at = 0; at <= parameters; at++)
            CopyType(ref source);
    }

    private void CopyType(ref BlobReader source)
    {
        var code = CopyNumber(ref source);
        switch ((SignatureTypeCode)code)
        {
            case SignatureTypeCode.Pointer or SignatureTypeCode.ByReference or SignatureTypeCode.SZArray or SignatureTypeCode.Pinned:
                CopyType(ref source);
                break;
            case SignatureTypeCode.RequiredModifier or SignatureTypeCode.OptionalModifier:
                CopyReference(ref source);
                CopyType(ref source);
                break;
            case SignatureTypeCode.GenericTypeParameter or SignatureTypeCode.GenericMethodParameter:
                CopyNumber(ref source);
                break;
            case SignatureTypeCode.GenericTypeInstance:
                CopyType(ref source);
                for (var left = CopyNumber(ref source); left > 0; left--)
                    CopyType(ref source);
                break;
            case SignatureTypeCode.Array:
                CopyType(ref source);
                CopyNumber(ref source);
                for (var left = CopyNumber(ref source); left > 0; left--)
                    CopyNumber(ref source);
                for (var left = CopyNumber(ref source); left > 0; left--)
                    target.WriteCompressedSignedInteger(source.ReadCompressedSignedInteger());
                break;
            case SignatureTypeCode.FunctionPointer:
                CopyMethod(ref source);
                break;
            default:
                if (code is (int)SignatureTypeKind.Class or (int)SignatureTypeKind.ValueType)
                    CopyReference(ref source);
                break;
        }
    }

    private int CopyNumber(ref BlobReader source)
    {
        var number = source.ReadCompressedInteger();
        target.WriteCompressedInteger(number);
        return number;
    }

    private void CopyReference(ref BlobReader source) =>
        target.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(Translate(source.ReadTypeHandle())));

    private EntityHandle Translate(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                return references.Type(method.Assembly, CodeIndex.FullNameOf(method.Metadata, (TypeDefinitionHandle)handle));
            case HandleKind.TypeReference:
                var (assembly, name) = NameOf((TypeReferenceHandle)handle);
                return references.Type(assembly, name);
            default:
                throw new InvalidDataException($"The signature of {method.Metadata.GetString(method.Definition.Name)} names a type by a {handle.Kind}.");
        }
    }

    private (string Assembly, string Name) NameOf(TypeReferenceHandle handle)
    {
        var reference = method.Metadata.GetTypeReference(handle);
        var name = method.Metadata.GetString(reference.Name);
        if (reference.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            var (assembly, outer) = NameOf((TypeReferenceHandle)reference.ResolutionScope);
            return (assembly, $"{outer}+{name}");
        }

        if (!reference.Namespace.IsNil)
            name = $"{method.Metadata.GetString(reference.Namespace)}.{name}";
        return reference.ResolutionScope.Kind == HandleKind.AssemblyReference
            ? (method.Metadata.GetString(method.Metadata.GetAssemblyReference((AssemblyReferenceHandle)reference.ResolutionScope).Name), name)
            : (method.Assembly, name);
    }
}
