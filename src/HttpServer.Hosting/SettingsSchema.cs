using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace Http.Server.Hosting;

/// <summary>
/// The JSON schema of configuration files, made of <see cref="SettingsTable"/>, for editors. It is kept as
/// <c>docs/httpserver.schema.json</c>, which the command line has embedded.
/// </summary>
public static class SettingsSchema
{
    private static readonly JsonSchemaExporterOptions Exporter = new() { TreatNullObliviousAsNonNullable = true };

    /// <summary>The schema as an indented text, which ends in a line feed as its lines do.</summary>
    public static string Make()
    {
        var types = new JsonSerializerOptions { TypeInfoResolver = SettingTypes.Default };
        var properties = new JsonObject
        {
            ["$schema"] = Describe(Export(types, typeof(string)), "The schema of this file, for editors."),
        };
        foreach (var setting in SettingsTable.All)
            properties[setting.Name] = MakeProperty(types, setting);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Configuration of httpserver",
            ["description"] = "The long options, without their dashes. Given with --config, or -ConfigPath of Start-HttpServer; "
                + "what is given there as well wins.",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        return schema.ToJsonString(new JsonSerializerOptions
        {
            TypeInfoResolver = SettingTypes.Default,
            WriteIndented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }) + "\n";
    }

    private static JsonObject MakeProperty(JsonSerializerOptions types, Setting setting)
    {
        var schema = Describe(Export(types, TypesOf(setting.Kind)), setting.Help);
        if (setting.Kind is SettingKind.Number or SettingKind.NumberOrText)
            schema["minimum"] = 0;
        if (setting.Maximum is { } maximum)
            schema["maximum"] = maximum;
        if (setting.IsPath)
            schema["format"] = "path";
        if (setting.Choices is { } choices)
            schema["enum"] = new JsonArray([.. choices.Select(static choice => (JsonNode)choice)]);
        if (setting.Kind == SettingKind.Pairs)
            schema["additionalProperties"] = Export(types, TypesOf(SettingKind.Texts));
        return schema;
    }

    /// <summary>A value of one of these types.</summary>
    private static Type[] TypesOf(SettingKind kind) => kind switch
    {
        SettingKind.Switch => [typeof(bool)],
        SettingKind.Number => [typeof(int)],
        SettingKind.NumberOrText => [typeof(int), typeof(string)],
        SettingKind.SwitchOrText => [typeof(bool), typeof(string)],
        SettingKind.Texts => [typeof(string), typeof(string[])],
        SettingKind.SwitchOrTexts => [typeof(bool), typeof(string), typeof(string[])],
        SettingKind.Pairs => [typeof(Dictionary<string, string>)],
        _ => [typeof(string)],
    };

    /// <summary>The types' schemas in one, which has all of their words.</summary>
    private static JsonObject Export(JsonSerializerOptions options, params Type[] types)
    {
        var names = new List<string>();
        var merged = new JsonObject { ["type"] = null };
        foreach (var type in types)
        {
            foreach (var (word, value) in options.GetTypeInfo(type).GetJsonSchemaAsNode(Exporter).AsObject())
            {
                // The exporter lets an array be null; a value in a file may not be.
                if (word != "type")
                    merged[word] = value!.DeepClone();
                else if (value is JsonArray several)
                    names.Add(several.Select(static name => (string)name!).First(static name => name != "null"));
                else
                    names.Add((string)value!);
            }
        }

        merged["type"] = names.Count == 1 ? (JsonNode)names[0] : new JsonArray([.. names.Select(static name => (JsonNode)name)]);
        return merged;
    }

    private static JsonObject Describe(JsonObject schema, string text)
    {
        schema.Insert(0, "description", text);
        return schema;
    }
}
