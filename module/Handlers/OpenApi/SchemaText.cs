using System.Net;
using System.Text.Json.Nodes;
using Http.Server.PowerShell.Handlers.Output;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>Schemas in a few words of HTML, with links to the classes that they refer to.</summary>
internal static class SchemaText
{
    /// <summary>The least and the most of something, and what that is.</summary>
    private static readonly (string Least, string Most, string What)[] Ranges =
        [("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " items")];

    /// <summary>Other limits, in the words of the page.</summary>
    private static readonly (string Name, string Words)[] Others =
        [("exclusiveMinimum", "above "), ("exclusiveMaximum", "below "), ("pattern", "matches "), ("default", "default ")];

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
            return string.Join(" | ", values.Select(Code));
        if (known["items"] is { } items)
            return "list of " + TypeOf(items);
        var types = known["type"] is JsonArray several ? several.Select(Literal)
            : [known["type"] is { } type ? Literal(type) : "any"];
        var text = Encode(string.Join(" or ", types));
        return known["format"] is { } format ? $"{text} ({Encode(Literal(format))})" : text;
    }

    /// <summary>What limits the values, and the default; empty for nothing.</summary>
    public static string LimitsOf(JsonNode? schema)
    {
        if (schema is not JsonObject known)
            return "";
        var ranges = Ranges.Select(range => RangeOf(known[range.Least], known[range.Most], range.What)).OfType<string>();
        var others = Others.Where(limit => known.ContainsKey(limit.Name)).Select(limit => limit.Words + Code(known[limit.Name]));
        var ofItems = LimitsOf(known["items"]);
        return string.Join(", ", [.. ranges, .. others, .. ofItems.Length > 0 ? ["each " + ofItems] : (string[])[]]);
    }

    private static string? RangeOf(JsonNode? least, JsonNode? most, string what) => (least, most) switch
    {
        (null, null) => null,
        (not null, null) => $"at least {Code(least)}{what}",
        (null, not null) => $"at most {Code(most)}{what}",
        _ => $"{Code(least)} to {Code(most)}{what}",
    };

    private static string Code(JsonNode? value) => $"<code>{Encode(Literal(value))}</code>";

    /// <summary>Controls, which a page cannot have, become U+FFFD.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(XmlOutput.Clean(text));

    private static string Literal(JsonNode? value) =>
        value is JsonValue text && text.TryGetValue<string>(out var own) ? own : value?.ToJsonString() ?? "null";
}
