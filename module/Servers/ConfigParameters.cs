using System.Globalization;
using System.Text.Json;
using Http.Server.Cli;

namespace Http.Server.PowerShell.Servers;

/// <summary>
/// The settings of a configuration file and the parameters of <c>Start-HttpServer</c> that they stand for. What a setting may be is read
/// from the schema of the command line, which is compiled in: both take the same files.
/// </summary>
internal static class ConfigParameters
{
    /// <summary>Parameters that are named otherwise than the option, whose words they have mostly.</summary>
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["auth-file"] = "CredentialPath",
        ["auth-plain"] = "AllowUnencryptedAuthentication",
        ["cache"] = "CacheSeconds",
        ["cgi-env"] = "CgiEnvironment",
        ["cors"] = "CorsOrigin",
        ["drain"] = "DrainTime",
        ["health"] = "HealthPath",
        ["log"] = "LogPath",
        ["max-body-size"] = "MaxRequestBodySize",
        ["spa"] = "FallbackPage",
        ["tls-cert"] = "CertificatePath",
        ["tls-key"] = "KeyPath",
        ["tls-password-file"] = "CertificatePassword",
        ["tls-self-signed"] = "SelfSigned",
    };

    /// <summary>What an option means without its value.</summary>
    private static readonly Dictionary<string, string> Bare = new(StringComparer.Ordinal) { ["cors"] = "*", ["spa"] = "index.html" };

    private static readonly Lazy<JsonElement> Properties = new(ReadSchema);

    /// <summary>All settings with what they may be.</summary>
    public static IReadOnlyDictionary<string, ConfigKind> Kinds() => Properties.Value.EnumerateObject()
        .Where(static property => property.Name != "$schema")
        .ToDictionary(static property => property.Name, static property => KindOf(property.Value), StringComparer.Ordinal);

    /// <summary>The parameter's name; whether there is one is another matter.</summary>
    public static string NameOf(string setting) => Renamed.TryGetValue(setting, out var name)
        ? name
        : string.Concat(setting.Split('-').Select(static word => char.ToUpper(word[0], CultureInfo.InvariantCulture) + word[1..]));

    /// <summary>What the option means without its value; null if it is a switch.</summary>
    public static string? BareValueOf(string setting) => Bare.GetValueOrDefault(setting);

    /// <summary>A value with its path, if it is one, made of the file's folder.</summary>
    public static string FromFolder(string setting, string value, string folder)
    {
        const string Unix = "unix:";
        if (value.Length > 0 && Properties.Value.GetProperty(setting).TryGetProperty("format", out var format) && format.ValueEquals("path"))
            return Path.GetFullPath(value, folder);
        // "@" begins a name that is no path.
        return setting == "bind" && value.StartsWith(Unix, StringComparison.Ordinal) && value.Length > Unix.Length && value[Unix.Length] != '@'
            ? Unix + Path.GetFullPath(value[Unix.Length..], folder)
            : value;
    }

    private static ConfigKind KindOf(JsonElement property)
    {
        var type = property.GetProperty("type");
        var types = type.ValueKind == JsonValueKind.Array ? string.Join(' ', type.EnumerateArray().Select(static item => item.GetString())) : type.GetString()!;
        return types switch
        {
            "boolean" => ConfigKind.Switch,
            "integer" => ConfigKind.Number,
            "integer string" => ConfigKind.NumberOrText,
            "boolean string" => ConfigKind.SwitchOrText,
            "string array" => ConfigKind.Texts,
            "boolean string array" => ConfigKind.SwitchOrTexts,
            "object" => ConfigKind.Pairs,
            _ => ConfigKind.Text,
        };
    }

    private static JsonElement ReadSchema()
    {
        using var stream = typeof(ConfigParameters).Assembly.GetManifestResourceStream("httpserver.schema.json")!;
        using var schema = JsonDocument.Parse(stream);
        return schema.RootElement.GetProperty("properties").Clone();
    }
}
