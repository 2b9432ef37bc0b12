using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.Json.Nodes;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>Defaults of parameters that the script itself says, without running anything.</summary>
internal static class LiteralValues
{
    /// <summary>The default, if it is a literal of the schema's type.</summary>
    /// <returns>Null if there is none, or if only running the script tells it.</returns>
    public static JsonNode? DefaultOf(ParameterAst parameter, JsonObject schema)
    {
        if (parameter.DefaultValue is not { } written)
            return null;
        try
        {
            return Fit(written.SafeGetValue(), schema);
        }
        catch (InvalidOperationException)
        {
            // It is an expression.
            return null;
        }
        catch (RuntimeException)
        {
            // It is a literal that cannot be what it is written as.
            return null;
        }
    }

    private static JsonNode? Fit(object? value, JsonObject schema)
    {
        var type = schema["type"] is JsonValue name ? name.GetValue<string>() : "";
        var bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        switch (type)
        {
            case "array":
                var item = (JsonObject)schema["items"]!;
                var items = (bare is IEnumerable list and not string ? list.Cast<object?>() : [bare])
                    .Select(element => Fit(element, item)).ToArray();
                return bare is null || items.Contains(null) ? null : new JsonArray(items);
            case "string":
                return bare is string or char or ValueType and not bool ? Text(bare) : null;
            case "boolean":
                return bare is bool truth ? truth : null;
            case "integer" or "number":
                return bare is string or char or ValueType and not bool ? NumberOf(Text(bare), type == "integer") : null;
            default:
                return schema.Count == 0 ? Any(bare) : null;
        }
    }

    private static JsonNode? Any(object? bare) => bare switch
    {
        string or char => Text(bare),
        bool truth => truth,
        ValueType => NumberOf(Text(bare), isWhole: false),
        _ => null,
    };

    private static JsonNode? NumberOf(string text, bool isWhole)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole;
        return !isWhole && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) ? number : null;
    }

    private static string Text(object bare) => Convert.ToString(bare, CultureInfo.InvariantCulture) ?? "";
}
