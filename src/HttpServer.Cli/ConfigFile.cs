using System.Globalization;
using System.Text.Json;

namespace Http.Server.Cli;

/// <summary>
/// Reads a configuration file: one JSON object whose members are named like the long options; comments and trailing commas are allowed.
/// The PowerShell module compiles this file in as well.
/// </summary>
internal sealed class ConfigFile
{
    /// <summary>More than anybody writes by hand; what is larger is another kind of file.</summary>
    private const int MostBytes = 1 << 20;

    private readonly string _path;
    private readonly byte[] _bytes;
    private readonly IReadOnlyDictionary<string, ConfigKind> _known;

    private ConfigFile(string path, byte[] bytes, IReadOnlyDictionary<string, ConfigKind> known) => (_path, _bytes, _known) = (path, bytes, known);

    /// <summary>Reads the settings in their order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="known">The settings that there are.</param>
    /// <exception cref="ConfigException">The file says something that it cannot.</exception>
    /// <exception cref="IOException">The file cannot be read; so may <see cref="UnauthorizedAccessException"/>.</exception>
    public static IReadOnlyList<ConfigMember> Read(string path, IReadOnlyDictionary<string, ConfigKind> known)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var buffer = new byte[MostBytes + 1];
        var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (length > MostBytes)
            throw new ConfigException($"{path} is larger than 1 MiB: it is no configuration file.");
        var bytes = buffer.AsSpan(0, length);
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        return new ConfigFile(path, bytes.ToArray(), known).Read();
    }

    private List<ConfigMember> Read()
    {
        var reader = new Utf8JsonReader(_bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var members = new List<ConfigMember>();
        try
        {
            if (!_bytes.AsSpan().ContainsAnyExcept(" \t\r\n"u8) || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw Wrong(reader.TokenStartIndex, "a configuration is one object: { \"port\": 8000 }.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (ReadMember(ref reader, members) is { } member)
                    members.Add(member);
            }

            // What follows the object is wrong, and found only if it is read.
            while (reader.Read())
            {
            }

            return members;
        }
        catch (JsonException exception)
        {
            var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            var reason = end < 0 ? exception.Message : exception.Message[..end];
            throw new ConfigException($"{Place((exception.LineNumber ?? 0) + 1, (exception.BytePositionInLine ?? 0) + 1)}: this is not JSON: {reason.TrimEnd('.')}.");
        }
        catch (InvalidOperationException)
        {
            throw Wrong(reader.TokenStartIndex, "this text is not UTF-8: save the file in that encoding.");
        }
    }

    private ConfigMember? ReadMember(ref Utf8JsonReader reader, List<ConfigMember> before)
    {
        var name = reader.GetString()!;
        var start = reader.TokenStartIndex;
        if (name == "$schema")
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Wrong(reader.TokenStartIndex, "\"$schema\" is the text that editors find the schema by.");
            return null;
        }

        if (!_known.TryGetValue(name, out var kind))
        {
            var near = NearName.Find(name, _known.Keys);
            throw Wrong(start, $"there is no setting \"{name}\"{(near is null ? ": settings are named like the long options, without dashes." : $"; did you mean \"{near}\"?")}");
        }

        if (before.Exists(member => member.Name == name))
            throw Wrong(start, $"\"{name}\" is there twice: leave one of them out.");
        reader.Read();
        var isOn = true;
        var values = new List<string>();
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False when kind is ConfigKind.Switch or ConfigKind.SwitchOrText or ConfigKind.SwitchOrTexts:
                isOn = reader.TokenType == JsonTokenType.True;
                break;
            case JsonTokenType.Number when kind is ConfigKind.Number or ConfigKind.NumberOrText && reader.TryGetInt64(out var number):
                values.Add(number.ToString(CultureInfo.InvariantCulture));
                break;
            case JsonTokenType.String when kind is not (ConfigKind.Switch or ConfigKind.Number or ConfigKind.Pairs):
                values.Add(ReadText(ref reader));
                break;
            case JsonTokenType.StartArray when kind is ConfigKind.Texts or ConfigKind.SwitchOrTexts:
                ReadArray(ref reader, name, "", values);
                // As if it were not there.
                isOn = values.Count > 0;
                break;
            case JsonTokenType.StartObject when kind == ConfigKind.Pairs:
                ReadPairs(ref reader, name, values);
                isOn = values.Count > 0;
                break;
            default:
                throw Wrong(reader.TokenStartIndex, $"\"{name}\" is {Describe(kind)}.");
        }

        return new ConfigMember(name, isOn, values, Place(start));
    }

    private void ReadPairs(ref Utf8JsonReader reader, string name, List<string> values)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = ReadText(ref reader) + '\0';
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
                values.Add(key + ReadText(ref reader));
            else if (reader.TokenType == JsonTokenType.StartArray)
                ReadArray(ref reader, name, key, values);
            else
                throw Wrong(reader.TokenStartIndex, $"\"{name}\" is {Describe(ConfigKind.Pairs)}.");
        }
    }

    private void ReadArray(ref Utf8JsonReader reader, string name, string prefix, List<string> values)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String)
                throw Wrong(reader.TokenStartIndex, $"the array of \"{name}\" has something else than a text: put what it has into quotes.");
            values.Add(prefix + ReadText(ref reader));
        }
    }

    /// <summary>No argument of a process can hold a NUL, so no setting has one.</summary>
    private string ReadText(ref Utf8JsonReader reader)
    {
        var text = reader.GetString()!;
        return text.Contains('\0', StringComparison.Ordinal) ? throw Wrong(reader.TokenStartIndex, "a text cannot have the character NUL.") : text;
    }

    private static string Describe(ConfigKind kind) => kind switch
    {
        ConfigKind.Switch => "true or false",
        ConfigKind.Number => "a whole number, without quotes",
        ConfigKind.NumberOrText => "a whole number or a text in quotes",
        ConfigKind.SwitchOrText => "true, false or a text in quotes",
        ConfigKind.Texts => "a text in quotes, or an array of such",
        ConfigKind.SwitchOrTexts => "true, false, a text in quotes, or an array of such",
        ConfigKind.Pairs => "an object of texts: { \"NAME\": \"VALUE\" }",
        _ => "a text in quotes",
    };

    private ConfigException Wrong(long position, string problem) => new($"{Place(position)}: {problem}");

    private string Place(long position)
    {
        var before = _bytes.AsSpan(0, (int)position);
        return Place(before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }

    private string Place(long line, long column) => string.Create(CultureInfo.InvariantCulture, $"{_path}, line {line}, column {column}");
}
