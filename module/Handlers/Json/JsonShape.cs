using System.Collections;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>What is known of a type whose objects are written as JSON.</summary>
internal sealed class JsonShape
{
    private static readonly ConditionalWeakTable<Type, JsonShape> Known = [];

    private readonly FieldInfo[] _fields;
    private readonly PropertyInfo[] _properties;
    private readonly HashSet<string> _names;

    private JsonShape(Type type)
    {
        var fields = type.GetFields(BindingFlags.Public | BindingFlags.Instance);
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0)
            .DistinctBy(static property => property.Name).ToArray();
        _names = [.. fields.Select(static field => field.Name), .. properties.Select(static property => property.Name)];
        _fields = [.. fields.Where(IsShown)];
        _properties = [.. properties.Where(IsShown)];
        // Classes of PowerShell are in dynamic assemblies.
        IsData = type.Assembly.IsDynamic || type == typeof(PSCustomObject) || type == typeof(DictionaryEntry) ||
            typeof(ITuple).IsAssignableFrom(type) || IsA(type, typeof(KeyValuePair<,>));
        HasOwnCode = type.Assembly.IsDynamic;
        IsTable = type.GetInterfaces()
            .Any(static shape => IsA(shape, typeof(IDictionary<,>)) || IsA(shape, typeof(IReadOnlyDictionary<,>)));
    }

    /// <summary>What its objects lead to is data too.</summary>
    public bool IsData { get; }

    /// <summary>It is a class of PowerShell: enumerating its objects, and making text of them, may run its methods.</summary>
    public bool HasOwnCode { get; }

    /// <summary>Its objects have values by keys, but are no <see cref="IDictionary"/>.</summary>
    public bool IsTable { get; }

    public static JsonShape Of(Type type) => Known.GetValue(type, static type => new JsonShape(type));

    /// <summary>The fields and properties that are written, with their types.</summary>
    public IEnumerable<(MemberInfo Member, Type Type)> GetMembers() =>
        _fields.Select(static member => ((MemberInfo)member, member.FieldType))
            .Concat(_properties.Select(static property => ((MemberInfo)property, property.PropertyType)));

    /// <summary>The type has the name, be it one that is hidden.</summary>
    public bool Has(string name) => _names.Contains(name);

    /// <summary>The fields and properties of an object; one that cannot be read is null.</summary>
    public IEnumerable<JsonMember> Read(object value)
    {
        foreach (var field in _fields)
            yield return new JsonMember(field.Name, field.GetValue(value));
        foreach (var property in _properties)
            yield return new JsonMember(property.Name, Read(property, value));
    }

    private static object? Read(PropertyInfo property, object value)
    {
        try
        {
            return property.GetValue(value);
        }
        catch (Exception exception) when (exception is NotSupportedException ||
            exception is TargetInvocationException { InnerException: not PipelineStoppedException })
        {
            // The property has failed, or is of a type that no object can hold, such as a span.
            return null;
        }
    }

    private static bool IsA(Type type, Type generic) => type.IsGenericType && type.GetGenericTypeDefinition() == generic;

    private static bool IsShown(MemberInfo member) =>
        !member.IsDefined(typeof(HiddenAttribute)) &&
        member.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always } &&
        !member.CustomAttributes.Any(
        static attribute => attribute.AttributeType.FullName == "Newtonsoft.Json.JsonIgnoreAttribute");
}
