using System.Globalization;
using System.Text.Json;

namespace Http.Server.Hosting;

/// <summary>
/// Reads a configuration file: one JSON object whose members are named like the settings; comments and trailing commas are
/// allowed.
/// </summary>
public sealed class SettingsFile
{
    /// <summary>Far more than is written by hand; what is larger is another kind of file.</summary>
    private const int MaxBytes = 1 << 20;

    private readonly string _path;
    private readonly byte[] _bytes;

    private SettingsFile(string path, byte[] bytes) => (_path, _bytes) = (path, bytes);

    /// <summary>Reads the settings in their order. Values are of the right kind, but not checked beyond that.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SettingsFileException">The file says something that it cannot.</exception>
    /// <exception cref="IOException">The file cannot be read; so may <see cref="UnauthorizedAccessException"/>.</exception>
    public static IReadOnlyList<SettingValue> Read(string path)
    {
        using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var buffer = new byte[MaxBytes + 1];
        var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (length > MaxBytes)
            throw new SettingsFileException($"{path} is larger than 1 MiB: it is no configuration file.");
        var bytes = buffer.AsSpan(0, length);
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        return new SettingsFile(path, bytes.ToArray()).Read();
    }

    /// <summary>Reads the settings that are on, checked, with their paths made full from the file's folder.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SettingsFileException">The file says something that it cannot.</exception>
    /// <exception cref="IOException">The file cannot be read; so may <see cref="UnauthorizedAccessException"/>.</exception>
    public static IReadOnlyList<SettingValue> ReadChecked(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        SettingValue[] values = [.. Read(path).Where(static value => value.IsOn).Select(value => value.InFolder(folder))];
        return Array.Find(values, static value => value.FindProblem() is not null) is { } wrong
            ? throw new SettingsFileException($"{wrong.Place}: {wrong.FindProblem()}")
            : values;
    }

    private List<SettingValue> Read()
    {
        var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var reader = new Utf8JsonReader(_bytes, options);
        var members = new List<SettingValue>();
        try
        {
            var isEmpty = !_bytes.AsSpan().ContainsAnyExcept(" \t\r\n"u8);
            if (isEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw Wrong(reader.TokenStartIndex, "a configuration is one object: { \"port\": 8000 }.");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (ReadMember(ref reader, members) is { } member)
                    members.Add(member);
            }

            // The object must be the last: the reader throws at whatever follows it.
            while (reader.Read())
            {
            }

            return members;
        }
        catch (JsonException exception)
        {
            var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            var reason = end < 0 ? exception.Message : exception.Message[..end];
            var place = Place((exception.LineNumber ?? 0) + 1, (exception.BytePositionInLine ?? 0) + 1);
            throw new SettingsFileException($"{place}: this is not JSON: {reason.TrimEnd('.')}.");
        }
        catch (InvalidOperationException)
        {
            throw Wrong(reader.TokenStartIndex, "this text is not UTF-8: save the file in that encoding.");
        }
    }

    private SettingValue? ReadMember(ref Utf8JsonReader reader, List<SettingValue> before)
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

        if (SettingsTable.Find(name) is not { } setting)
        {
            var near = NearName.Find(name, SettingsTable.All.Select(static known => known.Name));
            throw Wrong(start, $"there is no setting \"{name}\"" + (near is null
                ? ": settings are named like the long options, without dashes."
                : $"; did you mean \"{near}\"?"));
        }

        if (before.Exists(member => member.Setting == setting))
            throw Wrong(start, $"\"{name}\" is there twice: leave one of them out.");
        reader.Read();
        var isOn = true;
        var kind = setting.Kind;
        var values = new List<string>();
        switch (reader.TokenType)
        {
            case JsonTokenType.True or JsonTokenType.False
                when kind is SettingKind.Switch or SettingKind.SwitchOrText or SettingKind.SwitchOrTexts:
                isOn = reader.TokenType == JsonTokenType.True;
                break;
            case JsonTokenType.Number
                when kind is SettingKind.Number or SettingKind.NumberOrText && reader.TryGetInt64(out var number):
                values.Add(number.ToString(CultureInfo.InvariantCulture));
                break;
            case JsonTokenType.String when kind is not (SettingKind.Switch or SettingKind.Number or SettingKind.Pairs):
                values.Add(ReadText(ref reader));
                break;
            case JsonTokenType.StartArray when kind is SettingKind.Texts or SettingKind.SwitchOrTexts:
                ReadArray(ref reader, name, "", values);
                // An empty list is the same as no setting.
                isOn = values.Count > 0;
                break;
            case JsonTokenType.StartObject when kind == SettingKind.Pairs:
                ReadPairs(ref reader, name, values);
                isOn = values.Count > 0;
                break;
            default:
                throw Wrong(reader.TokenStartIndex, $"\"{name}\" is {Describe(kind)}.");
        }

        return new SettingValue(setting, values, isOn, Place(start));
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
                throw Wrong(reader.TokenStartIndex, $"\"{name}\" is {Describe(SettingKind.Pairs)}.");
        }
    }

    private void ReadArray(ref Utf8JsonReader reader, string name, string prefix, List<string> values)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                throw Wrong(
                    reader.TokenStartIndex,
                    $"the array of \"{name}\" has something else than a text: put what it has into quotes.");
            }

            values.Add(prefix + ReadText(ref reader));
        }
    }

    /// <summary>A text without NUL: an argument of the command line cannot have one either, and pairs are split at it.</summary>
    private string ReadText(ref Utf8JsonReader reader)
    {
        var text = reader.GetString()!;
        return text.Contains('\0', StringComparison.Ordinal)
            ? throw Wrong(reader.TokenStartIndex, "a text cannot have the character NUL.")
            : text;
    }

    private static string Describe(SettingKind kind) => kind switch
    {
        SettingKind.Switch => "true or false",
        SettingKind.Number => "a whole number, without quotes",
        SettingKind.NumberOrText => "a whole number or a text in quotes",
        SettingKind.SwitchOrText => "true, false or a text in quotes",
        SettingKind.Texts => "a text in quotes, or an array of such",
        SettingKind.SwitchOrTexts => "true, false, a text in quotes, or an array of such",
        SettingKind.Pairs => "an object of texts: { \"NAME\": \"VALUE\" }",
        _ => "a text in quotes",
    };

    private SettingsFileException Wrong(long position, string problem) => new($"{Place(position)}: {problem}");

    private string Place(long position)
    {
        var before = _bytes.AsSpan(0, (int)position);
        return Place(before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
    }

    private string Place(long line, long column) =>
        string.Create(CultureInfo.InvariantCulture, $"{_path}, line {line}, column {column}");
}
