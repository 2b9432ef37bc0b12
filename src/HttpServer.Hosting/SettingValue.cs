using System.Globalization;

namespace Http.Server.Hosting;

/// <summary>A setting with its value, as a command line or a configuration file has it.</summary>
/// <param name="setting">The setting.</param>
/// <param name="values">Its values as texts; none for a switch. Of pairs each is the name, a NUL and the value.</param>
/// <param name="isOn">False for a switch that is switched off, which is the same as no value at all.</param>
/// <param name="place">File, line and column, for messages; null outside files.</param>
public sealed class SettingValue(Setting setting, IReadOnlyList<string> values, bool isOn = true, string? place = null)
{
    private IReadOnlyList<KeyValuePair<string, string>>? _pairs;

    /// <summary>The setting.</summary>
    public Setting Setting { get; } = setting;

    /// <summary>False for a switch that is switched off, which is the same as no value at all.</summary>
    public bool IsOn { get; } = isOn;

    /// <summary>File, line and column; null outside files.</summary>
    public string? Place { get; } = place;

    /// <summary>The values as texts; the one that the setting has by itself if none was given.</summary>
    public IReadOnlyList<string> Texts { get; } = values.Count == 0 && setting.BareValue is { } bare ? [bare] : values;

    /// <summary>The only value.</summary>
    public string Text => Texts[0];

    /// <summary>The only value as a whole number. <see cref="Setting.FindProblem"/> must have found it right.</summary>
    public int Number => int.Parse(Text, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Names with their values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs => _pairs ??= [.. Texts
        .Select(static text => text.Split('\0'))
        .Select(static parts => KeyValuePair.Create(parts[0], parts[1].Trim(' ', '\t')))];

    /// <summary>The only value as one of an enumeration's names, in any case.</summary>
    /// <typeparam name="T">The enumeration.</typeparam>
    public T AsEnum<T>()
        where T : struct, Enum => Enum.Parse<T>(Text, ignoreCase: true);

    /// <summary>What is wrong with it, as a sentence for the user; null if nothing is.</summary>
    public string? FindProblem() => Setting.FindProblem(values);

    /// <summary>The same with full paths: those of a configuration file are relative to the folder it lies in.</summary>
    /// <param name="folder">The folder, as a full path.</param>
    public SettingValue InFolder(string folder) =>
        new(Setting, [.. values.Select(value => FromFolder(value, folder))], IsOn, Place);

    private string FromFolder(string value, string folder)
    {
        const string Unix = "unix:";
        if (value.Length > 0 && Setting.IsPath)
            return Path.GetFullPath(value, folder);
        // "@" begins a name that is no path.
        if (Setting.Name is not ("bind" or "metrics-bind") || !value.StartsWith(Unix, StringComparison.Ordinal))
            return value;
        return value[Unix.Length..] is [not '@', ..] path ? Unix + Path.GetFullPath(path, folder) : value;
    }
}
