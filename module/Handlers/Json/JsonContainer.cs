namespace Http.Server.PowerShell.Handlers.Json;

/// <summary>An object or an array of a JSON text while it is read. Of a name that comes twice the last value counts.</summary>
internal sealed class JsonContainer(bool isObject)
{
    /// <summary>The members of an object; null for an array.</summary>
    public OrderedDictionary<string, object?>? Members { get; } = isObject ? new(StringComparer.Ordinal) : null;

    /// <summary>The items of an array; null for an object.</summary>
    public List<object?>? Items { get; } = isObject ? null : [];

    /// <summary>The name whose value comes next.</summary>
    public string Name { get; set; } = "";

    public void Add(object? value)
    {
        if (Members is null)
            Items!.Add(value);
        else
            Members[Name] = value;
    }
}
