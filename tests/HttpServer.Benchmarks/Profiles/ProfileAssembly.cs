using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Http.Server.Benchmarks.Profiles;

/// <summary>
/// Writes a profile in the form that the native compiler reads (<c>.mibc</c>): an assembly whose methods are lists. AssemblyDictionary names, for
/// each assembly, the method that lists its methods: a token of each, and behind it what was counted there, as constants.
/// </summary>
internal sealed class ProfileAssembly
{
    private const string OurAssemblies = "HttpServer";
    private const int MaxStack = 8;

    // Which fields of a record follow: its place (1), its kind (2), its count (4) and the other number (8).
    private const int AllFields = 15;

    private readonly MetadataBuilder _metadata = new();
    private readonly MethodBodyStreamEncoder _bodies = new(new BlobBuilder());
    private readonly References _references;
    private readonly CodeIndex _index;
    private readonly SortedDictionary<string, InstructionEncoder> _lists = new(StringComparer.Ordinal);
    private readonly BlobHandle _signature;
    private int _methods;

    public ProfileAssembly(CodeIndex index, string name)
    {
        _index = index;
        _references = new(_metadata);
        _metadata.AddModule(0, _metadata.GetOrAddString(name), _metadata.GetOrAddGuid(Guid.Empty), default, default);
        _metadata.AddAssembly(_metadata.GetOrAddString(name), new Version(0, 0, 0, 0), default, default, default, AssemblyHashAlgorithm.None);
        _metadata.AddTypeDefinition(default, default, _metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1),
            MetadataTokens.MethodDefinitionHandle(1));
        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature().Parameters(0, static returns => returns.Void(), static _ => { });
        _signature = _metadata.GetOrAddBlob(signature);
    }

    /// <summary>Adds what was counted in a method of ours. Those of .NET are left out: in a native program some have other code.</summary>
    /// <returns>False if it is none of ours, or not one method alone that the profile speaks of.</returns>
    public bool TryAdd(MethodProfile profile)
    {
        if (profile.IsGeneric || Find(profile) is not var (method, owner)
            || !method.Assembly.StartsWith(OurAssemblies, StringComparison.Ordinal))
            return false;
        if (!_lists.TryGetValue(method.Assembly, out var list))
            _lists.Add(method.Assembly, list = new InstructionEncoder(new BlobBuilder()));
        list.OpCode(ILOpCode.Ldtoken);
        list.Token(_references.Method(method, owner));
        list.LoadString(_metadata.GetOrAddUserString("InstrumentationDataStart"));
        foreach (var record in profile.Records)
            Write(list, record);
        list.LoadString(_metadata.GetOrAddUserString("InstrumentationDataEnd"));
        list.OpCode(ILOpCode.Pop);
        return true;
    }

    /// <summary>Writes the file: the assembly, packed as the compiler expects it, which finds it by the file's name.</summary>
    public void Save(string file)
    {
        File.Delete(file);
        using var archive = ZipFile.Open(file, ZipArchiveMode.Create);
        var entry = archive.CreateEntry($"{Path.GetFileName(file)}.dll", CompressionLevel.SmallestSize);
        // The same profile gives the same file.
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var content = entry.Open();
        Finish().WriteContentTo(content);
    }

    private BlobBuilder Finish()
    {
        var dictionary = new InstructionEncoder(new BlobBuilder());
        foreach (var (assembly, list) in _lists)
        {
            dictionary.LoadString(_metadata.GetOrAddUserString($"{assembly};"));
            dictionary.OpCode(ILOpCode.Ldtoken);
            dictionary.Token(AddMethod($"Assemblies_{assembly};_{++_methods}", list));
            dictionary.OpCode(ILOpCode.Pop);
        }

        AddMethod("AssemblyDictionary", dictionary);
        var image = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(_metadata), _bodies.Builder,
            deterministicIdProvider: static _ => default).Serialize(image);
        return image;
    }

    /// <summary>Finds where the name of the type ends and that of the method begins: there is a method only at one of the dots.</summary>
    private (IndexedMethod Method, EntityHandle Owner)? Find(MethodProfile profile)
    {
        for (var dot = profile.Name.LastIndexOf('.'); dot > 0; dot = profile.Name.LastIndexOf('.', dot - 1))
        {
            if (TypeName.TryParse(profile.Name.AsSpan(0, dot), out var type)
                && _index.FindMethod(DefinitionOf(type).FullName, profile.Name[(dot + 1)..], profile.CodeSize) is { } method
                && _references.Type(type, _index.AssemblyOf) is { } owner)
                return (method, owner);
        }

        return null;
    }

    private static TypeName DefinitionOf(TypeName type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;

    private void Write(InstructionEncoder list, ProfileRecord record)
    {
        list.LoadConstantI4(AllFields);
        list.LoadConstantI4(record.Offset);
        list.LoadConstantI4(record.Kind);
        list.LoadConstantI4(record.Count);
        list.LoadConstantI4(record.Other);
        foreach (var value in record.Values)
            Write(list, record.Data, value);
    }

    private void Write(InstructionEncoder list, ProfileData data, string value)
    {
        switch (data)
        {
            case ProfileData.FourBytes:
                list.LoadConstantI4(unchecked((int)uint.Parse(value, CultureInfo.InvariantCulture)));
                break;
            case ProfileData.EightBytes:
                var halves = value.Split(' ');
                list.LoadConstantI8((long)(ulong.Parse(halves[1], CultureInfo.InvariantCulture) << 32 | uint.Parse(halves[0], CultureInfo.InvariantCulture)));
                break;
            case ProfileData.Type when ParseType(value) is { } type && _references.Type(type, _index.AssemblyOf) is { } handle:
                list.OpCode(ILOpCode.Ldtoken);
                list.Token(handle);
                break;
            // What is not known is nothing: the compiler takes the others of the place.
            case ProfileData.Type or ProfileData.Method:
                list.LoadConstantI4(0);
                break;
        }
    }

    private static TypeName? ParseType(string value) =>
        value["TypeHandle: ".Length..] is not ("NULL" or "UNKNOWN") and var text && TypeName.TryParse(text, out var type) ? type : null;

    private MethodDefinitionHandle AddMethod(string name, InstructionEncoder body) =>
        _metadata.AddMethodDefinition(MethodAttributes.Public | MethodAttributes.Static,
            MethodImplAttributes.IL, _metadata.GetOrAddString(name), _signature, _bodies.AddMethodBody(body, MaxStack), default);
}
