using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Http.Server.Cli;

/// <summary>The JSON schema of configuration files, made of the options: for editors, and for the module's own reading.</summary>
internal static class ConfigSchema
{
    public static string Make(Command command)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", "Configuration of httpserver");
            json.WriteString("description", "The long options, without their dashes. Given with --config, or -ConfigPath of Start-HttpServer; what is given there as well wins.");
            json.WriteString("type", "object");
            json.WriteBoolean("additionalProperties", false);
            json.WriteStartObject("properties");
            WriteStart(json, "$schema", "The schema of this file, for editors.", "string");
            json.WriteEndObject();
            WriteStart(json, ConfigOptions.Port, command.Arguments[0].Description, "integer");
            json.WriteNumber("minimum", 0);
            json.WriteNumber("maximum", 65535);
            json.WriteEndObject();
            foreach (var option in ConfigOptions.Of(command))
                WriteOption(json, option);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    private static void WriteOption(Utf8JsonWriter json, Option option)
    {
        var kind = ConfigOptions.KindOf(option);
        WriteStart(json, ConfigOptions.NameOf(option), option.Description, TypesOf(kind));
        if (kind is ConfigKind.Number or ConfigKind.NumberOrText)
            json.WriteNumber("minimum", 0);
        if (ConfigOptions.IsPath(option))
            json.WriteString("format", "path");
        if (ConfigOptions.ChoicesOf(option) is { } choices)
        {
            json.WriteStartArray("enum");
            foreach (var choice in choices)
                json.WriteStringValue(choice);
            json.WriteEndArray();
        }

        if (kind is ConfigKind.Texts or ConfigKind.SwitchOrTexts)
            WriteItems(json);
        if (kind == ConfigKind.Pairs)
        {
            json.WriteStartObject("additionalProperties");
            WriteType(json, "string", "array");
            WriteItems(json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string[] TypesOf(ConfigKind kind) => kind switch
    {
        ConfigKind.Switch => ["boolean"],
        ConfigKind.Number => ["integer"],
        ConfigKind.NumberOrText => ["integer", "string"],
        ConfigKind.SwitchOrText => ["boolean", "string"],
        ConfigKind.Texts => ["string", "array"],
        ConfigKind.SwitchOrTexts => ["boolean", "string", "array"],
        ConfigKind.Pairs => ["object"],
        _ => ["string"],
    };

    private static void WriteStart(Utf8JsonWriter json, string name, string? description, params string[] types)
    {
        json.WriteStartObject(name);
        json.WriteString("description", description);
        WriteType(json, types);
    }

    private static void WriteType(Utf8JsonWriter json, params string[] types)
    {
        if (types.Length == 1)
        {
            json.WriteString("type", types[0]);
            return;
        }

        json.WriteStartArray("type");
        foreach (var type in types)
            json.WriteStringValue(type);
        json.WriteEndArray();
    }

    private static void WriteItems(Utf8JsonWriter json)
    {
        json.WriteStartObject("items");
        json.WriteString("type", "string");
        json.WriteEndObject();
    }
}
