namespace Http.Server.Hosting;

/// <summary>
/// One row of <see cref="SettingsTable"/>: all that is known of a setting. The option of the command line, the member of a
/// configuration file and its schema are made of it.
/// </summary>
public sealed class Setting
{
    /// <summary>The name: that of the long option without its dashes, and of the member of a configuration file.</summary>
    public required string Name { get; init; }

    /// <summary>The short option, such as <c>-b</c>; null if there is none.</summary>
    public string? ShortOption { get; init; }

    /// <summary>What it does, in a sentence.</summary>
    public required string Help { get; init; }

    /// <summary>
    /// The value in the help: its kind, such as FILE, or the only words that it may be, with bars between them; null for
    /// switches.
    /// </summary>
    public string? ValueName { get; init; }

    /// <summary>What the value may be; default <see cref="SettingKind.Switch"/>.</summary>
    public SettingKind Kind { get; init; }

    /// <summary>The value that holds if none is given and that help shows; null if <see cref="Help"/> says it in words.</summary>
    public string? Default { get; init; }

    /// <summary>The value of the setting where it is named without one; null if it needs one.</summary>
    public string? BareValue { get; init; }

    /// <summary>Most that a whole number may be, for schemas; default: no limit but that of <see cref="Check"/>.</summary>
    public int? Maximum { get; init; }

    /// <summary>Whether it names something in the file system, not below the directory that is served.</summary>
    public bool IsPath => ValueName is "FILE" or "DIR" && BareValue is null;

    /// <summary>The only words that it takes; null if its values are not listed.</summary>
    public IReadOnlyList<string>? Choices =>
        ValueName?.Contains('|', StringComparison.Ordinal) == true ? ValueName.Split('|') : null;

    /// <summary>How messages call it: the long option, or the port.</summary>
    public string OptionName => this == SettingsTable.Port ? "The port" : "--" + Name;

    /// <summary>Whether it is about the files that are served: such a setting is applied to each handler.</summary>
    public bool IsAboutSite => ApplyToSite is not null;

    /// <summary>How it is applied to a server; null if it is about the site.</summary>
    internal Action<ServerSettings, SettingValue>? Apply { get; init; }

    /// <summary>How it is applied to a handler of files; null if it is about the server.</summary>
    internal Action<SimpleHttpRequestHandler, SettingValue>? ApplyToSite { get; init; }

    /// <summary>Says what is wrong with one value, from the setting's name and the value; null if nothing is.</summary>
    internal Func<Setting, string, string?>? Check { get; init; }

    /// <summary>
    /// Says what is wrong between this setting, which is on, and others; null if nothing is. Its argument tells of a name whether
    /// that setting is on.
    /// </summary>
    internal Func<Func<string, bool>, string?>? Conflict { get; init; }

    /// <summary>What is wrong with values of it; null if nothing is.</summary>
    /// <param name="values">As <see cref="SettingValue.Texts"/> has them.</param>
    /// <returns>A sentence for the user that names the setting and the remedy.</returns>
    public string? FindProblem(IEnumerable<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (Check is null)
            return null;
        foreach (var value in values)
        {
            if (Check(this, value) is { } problem)
                return problem;
        }

        return null;
    }
}
