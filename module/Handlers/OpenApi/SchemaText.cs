using System.Net;
using System.Text.Json.Nodes;
using Http.Server.PowerShell.Handlers.Output;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>Schemas in a few words of HTML, with links to the classes that they refer to.</summary>
internal static class SchemaText
{
    /// <summary>Limits, in the words of the page.</summary>
    private static readonly (string Name, string Words)[] Limits =
    [
        ("minimum", "from "), ("exclusiveMinimum", "above "), ("maximum", "to "), ("exclusiveMaximum", "below "),
        ("minLength", "characters from "), ("maxLength", "characters to "), ("minItems", "items from "), ("maxItems", "items to "),
        ("pattern", "matches "), ("default", "default "),
    ];

    /// <summary>The type.</summary>
    public static string TypeOf(JsonNode? schema)
    {
        if (schema is not JsonObject { Count: > 0 } known)
            return "any";
        if (known["$ref"]?.GetValue<string>() is { } reference)
        {
            var name = Encode(reference.Split('/')[^1]);
            return $"<a href=\"#schema-{name}\">{name}</a>";
        }

        if (known["anyOf"] is JsonArray any)
            return string.Join(" or ", any.Select(TypeOf));
        if (known["enum"] is JsonArray values)
            return string.Join(" | ", values.Select(static value => $"<code>{Encode(Literal(value))}</code>"));
        if (known["items"] is { } items)
            return "list of " + TypeOf(items);
        var types = known["type"] is JsonArray several ? several.Select(Literal) : [known["type"] is { } type ? Literal(type) : "any"];
        var text = Encode(string.Join(" or ", types));
        return known["format"] is { } format ? $"{text} ({Encode(Literal(format))})" : text;
    }

    /// <summary>What limits the values, and the default; empty for nothing.</summary>
    public static string LimitsOf(JsonNode? schema)
    {
        if (schema is not JsonObject known)
            return "";
        var own = Limits.Where(limit => known.ContainsKey(limit.Name))
            .Select(limit => $"{limit.Words}<code>{Encode(Literal(known[limit.Name]))}</code>");
        var ofItems = known["items"] is JsonObject items ? LimitsOf(items) : "";
        return string.Join(", ", ofItems.Length > 0 ? own.Append("each " + ofItems) : own);
    }

    /// <summary>Controls, which a page cannot have, become U+FFFD.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(XmlOutput.Clean(text));

    private static string Literal(JsonNode? value) =>
        value is JsonValue text && text.TryGetValue<string>(out var own) ? own : value?.ToJsonString() ?? "null";
}
