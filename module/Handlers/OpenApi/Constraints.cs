using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Http.Server.PowerShell.Handlers.OpenApi;

/// <summary>What validates a parameter, as far as a schema can say it.</summary>
internal static class Constraints
{
    /// <summary>
    /// What .NET's expressions know, and those of ECMA-262, which schemas have, do not or take for something else.
    /// </summary>
    private static readonly string[] OfDotNetAlone =
    [
        @"\A", @"\Z", @"\z", @"\G", @"\a", @"\e", @"\p", @"\P", "(?>", "(?#", "(?(", "(?'", "(?i", "(?m", "(?s", "(?n", "(?x",
        "(?-", "-[",
    ];

    /// <summary>Adds what the attributes ask for.</summary>
    /// <param name="schema">The schema of the type.</param>
    /// <param name="attributes">The attributes.</param>
    /// <param name="written">The parameter as it is written; null if there is none.</param>
    public static void Apply(JsonObject schema, IEnumerable<Attribute> attributes, ParameterAst? written)
    {
        // Of a list the attributes are about its items.
        var item = schema["items"] as JsonObject ?? schema;
        foreach (var attribute in attributes)
        {
            switch (attribute)
            {
                case ValidateSetAttribute set:
                    SetValues(item, set.ValidValues);
                    break;
                case ValidateRangeAttribute range:
                    SetRange(item, range, written);
                    break;
                case ValidateLengthAttribute length when IsOf(item, "string"):
                    (item["minLength"], item["maxLength"]) = (length.MinLength, length.MaxLength);
                    break;
                case ValidateCountAttribute count when item != schema:
                    (schema["minItems"], schema["maxItems"]) = (count.MinLength, count.MaxLength);
                    break;
                case ValidatePatternAttribute pattern when IsOf(item, "string"):
                    SetPattern(item, pattern);
                    break;
                case { } other when other.GetType().Name is nameof(ValidateNotNullOrEmptyAttribute)
                    or "ValidateNotNullOrWhiteSpaceAttribute":
                    RefuseEmpty(schema, item);
                    break;
            }
        }
    }

    private static bool IsOf(JsonObject schema, params ReadOnlySpan<string> types)
    {
        var own = schema["type"] is JsonValue type ? type.GetValue<string>() : "";
        return types.Contains(own);
    }

    private static void SetValues(JsonObject schema, IList<string> values)
    {
        if (IsOf(schema, "string", ""))
            schema["enum"] = new JsonArray([.. values.Select(static value => (JsonNode)value)]);
        else if (IsOf(schema, "integer", "number"))
            schema["enum"] = new JsonArray([.. values.Select(NumberOf).OfType<JsonNode>()]);
    }

    private static void SetRange(JsonObject schema, ValidateRangeAttribute range, ParameterAst? written)
    {
        if (!IsOf(schema, "integer", "number"))
            return;
        if (range.MinRange is { } min && range.MaxRange is { } max)
        {
            if (NumberOf(min) is { } least)
                schema["minimum"] = least;
            if (NumberOf(max) is { } most)
                schema["maximum"] = most;
            return;
        }

        // The engine keeps the kind for itself; the script names it.
        var kind = written?.Attributes.OfType<AttributeAst>().FirstOrDefault(static attribute =>
            attribute.TypeName.Name.StartsWith("ValidateRange", StringComparison.OrdinalIgnoreCase)
            && attribute.PositionalArguments.Count == 1)?.PositionalArguments[0].Extent.Text.Trim('\'', '"').Split(':')[^1];
        var (limit, isAllowed) = kind?.ToUpperInvariant() switch
        {
            "POSITIVE" => ("exclusiveMinimum", true),
            "NONNEGATIVE" => ("minimum", true),
            "NEGATIVE" => ("exclusiveMaximum", true),
            "NONPOSITIVE" => ("maximum", true),
            _ => ("", false),
        };
        if (isAllowed)
            schema[limit] = 0;
    }

    private static JsonNode? NumberOf(object value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number : null;
    }

    private static void SetPattern(JsonObject schema, ValidatePatternAttribute pattern)
    {
        if (IsOfEcma(pattern.RegexPattern))
            schema["pattern"] = pattern.RegexPattern;
        else
            schema["description"] = $"Matches {pattern.RegexPattern}, an expression of .NET.";
    }

    private static bool IsOfEcma(string pattern)
    {
        if (OfDotNetAlone.Any(part => pattern.Contains(part, StringComparison.Ordinal)))
            return false;
        try
        {
            _ = new Regex(pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void RefuseEmpty(JsonObject schema, JsonObject item)
    {
        if (item != schema)
            schema["minItems"] ??= 1;
        if (IsOf(item, "string") && !item.ContainsKey("enum"))
            item["minLength"] ??= 1;
    }
}
