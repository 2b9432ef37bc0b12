using System.Collections;
using System.Management.Automation;
using System.Numerics;
using System.Reflection;
using System.Security;
using System.Text.Json.Nodes;
using System.Xml;
using Http.Server.PowerShell.Handlers.Binding;
using Http.Server.PowerShell.Handlers.Json;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>
/// Types as schemas (JSON Schema 2020-12). A class is a component of the document that others refer to, so that one which leads
/// back to itself ends there; classes of .NET, which may lead to half of the process, are described by their own members alone.
/// </summary>
internal sealed class TypeSchemas
{
    /// <summary>Classes of a document. What goes beyond is described as any value.</summary>
    private const int MaxClasses = 500;

    private readonly Dictionary<Type, string> _names = [];

    /// <summary>The classes by their names.</summary>
    public JsonObject Components { get; } = [];

    /// <summary>The schema of a type; of one that can be anything it is empty.</summary>
    /// <param name="type">The type.</param>
    /// <param name="isInput">A client's text becomes a value of it.</param>
    public JsonObject Of(Type type, bool isInput) => Of(type, isInput, takesClasses: true);

    /// <summary>Has a schema allow null too.</summary>
    public static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is JsonValue type)
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        else if (schema.ContainsKey("$ref"))
            return new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        if (schema["enum"] is JsonArray values)
            values.Add((JsonNode?)null);
        return schema;
    }

    private JsonObject Of(Type type, bool isInput, bool takesClasses)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ScalarOf(type) is { } scalar)
            return scalar;
        if (type == typeof(object) || type == typeof(PSCredential) || type == typeof(Type) || type.IsPointer || type.IsByRef
            || typeof(JsonNode).IsAssignableFrom(type) || typeof(Delegate).IsAssignableFrom(type))
            return [];
        if (type == typeof(PSObject) || type == typeof(PSCustomObject) || typeof(IDictionary).IsAssignableFrom(type)
            || JsonShape.Of(type).IsTable)
            return new JsonObject { ["type"] = "object" };
        if (BoundParameter.ElementOf(type) is { } element)
            return new JsonObject { ["type"] = "array", ["items"] = Of(element, isInput, takesClasses) };
        if (isInput && IsReadFromText(type))
            return Make("string");
        return takesClasses && (_names.ContainsKey(type) || _names.Count < MaxClasses)
            ? new JsonObject { ["$ref"] = "#/components/schemas/" + NameOf(type) }
            : [];
    }

    private static JsonObject? ScalarOf(Type type)
    {
        if (type.IsEnum)
            return EnumOf(type);
        if (typeof(XmlNode).IsAssignableFrom(type) || type == typeof(char) || type == typeof(string))
            return Make("string");
        if (type == typeof(bool) || type == typeof(SwitchParameter))
            return Make("boolean");
        if (type == typeof(UploadedFile))
            return new JsonObject { ["type"] = "string", ["contentMediaType"] = "application/octet-stream" };
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset))
            return Make("string", "date-time");
        if (type == typeof(Guid))
            return Make("string", "uuid");
        if (type == typeof(Uri))
            return Make("string", "uri-reference");
        return type == typeof(SecureString) ? Make("string", "password") : NumberOf(type);
    }

    private static JsonObject? NumberOf(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int32 => Make("integer", "int32"),
        TypeCode.Int64 => Make("integer", "int64"),
        TypeCode.Byte => Whole(byte.MinValue, byte.MaxValue),
        TypeCode.SByte => Whole(sbyte.MinValue, sbyte.MaxValue),
        TypeCode.Int16 => Whole(short.MinValue, short.MaxValue),
        TypeCode.UInt16 => Whole(ushort.MinValue, ushort.MaxValue),
        TypeCode.UInt32 => Whole(uint.MinValue, uint.MaxValue),
        TypeCode.UInt64 => new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
        TypeCode.Single => Make("number", "float"),
        TypeCode.Double => Make("number", "double"),
        TypeCode.Decimal => Make("number"),
        _ => type == typeof(BigInteger) ? Make("integer") : null,
    };

    private static JsonObject EnumOf(Type type)
    {
        var schema = Make("string");
        // Several of the names may be joined with commas.
        if (!type.IsDefined(typeof(FlagsAttribute)))
            schema["enum"] = new JsonArray([.. Enum.GetNames(type).Select(static name => (JsonNode)name)]);
        return schema;
    }

    private static JsonObject Make(string type, string? format = null) => format is null
        ? new JsonObject { ["type"] = type }
        : new JsonObject { ["type"] = type, ["format"] = format };

    private static JsonObject Whole(long min, long max) =>
        new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };

    /// <summary>The engine makes a value of one text, as of a version or an address.</summary>
    private static bool IsReadFromText(Type type) => !type.Assembly.IsDynamic
        && (type.GetConstructor([typeof(string)]) is not null
            || type.GetMethod("Parse", BindingFlags.Public | BindingFlags.Static, [typeof(string)]) is not null);

    private string NameOf(Type type)
    {
        if (_names.TryGetValue(type, out var known))
            return known;
        var plain = string.Concat(type.Name.Select(static letter =>
            char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? letter : '_'));
        var name = plain;
        for (var number = 2; Components.ContainsKey(name); number++)
            name = $"{plain}{number}";
        _names.Add(type, name);
        // The place is taken before the members are looked at, which may be of the same class.
        var properties = new JsonObject();
        Components.Add(name, new JsonObject { ["type"] = "object", ["properties"] = properties });
        var shape = JsonShape.Of(type);
        foreach (var (member, memberType) in shape.GetMembers())
            properties[member.Name] = MemberOf(member, memberType, shape.IsData);
        return name;
    }

    private JsonObject MemberOf(MemberInfo member, Type type, bool takesClasses)
    {
        var schema = Of(type, isInput: false, takesClasses);
        var attributes = member.GetCustomAttributes<Attribute>().ToArray();
        Constraints.Apply(schema, attributes, null);
        var takesNull = (!type.IsValueType || Nullable.GetUnderlyingType(type) is not null) && !attributes.Any(
            static attribute => attribute.GetType().Name.StartsWith("ValidateNotNull", StringComparison.Ordinal));
        return takesNull ? OrNull(schema) : schema;
    }
}
