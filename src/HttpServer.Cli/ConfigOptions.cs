using System.CommandLine;

namespace Http.Server.Cli;

/// <summary>The options as settings of a configuration file. All that is known of an option comes from the option itself.</summary>
internal static class ConfigOptions
{
    /// <summary>The one that stands by itself on the command line.</summary>
    public const string Port = "port";

    /// <summary>Options that are no settings.</summary>
    private static readonly string[] Left = ["--config", "--config-schema", "--help", "--version"];

    /// <summary>Options that can be set by a file.</summary>
    public static IEnumerable<Option> Of(Command command) => command.Options.Where(option => !Left.Contains(option.Name));

    /// <summary>All settings with what they may be.</summary>
    public static IReadOnlyDictionary<string, ConfigKind> Kinds(Command command) =>
        Of(command).Select(option => KeyValuePair.Create(NameOf(option), KindOf(option))).Prepend(KeyValuePair.Create(Port, ConfigKind.Number)).ToDictionary(StringComparer.Ordinal);

    public static string NameOf(Option option) => option.Name.TrimStart('-');

    /// <summary>By the number of its values and what the help calls them.</summary>
    public static ConfigKind KindOf(Option option) => (option.Arity, option.HelpName) switch
    {
        ({ MaximumNumberOfValues: 0 }, _) => ConfigKind.Switch,
        (_, "NAME VALUE") => ConfigKind.Pairs,
        (_, "SECONDS" or "NUMBER" or "COUNT") => ConfigKind.Number,
        (_, "SIZE" or "BYTES") => ConfigKind.NumberOrText,
        ({ MinimumNumberOfValues: 0, MaximumNumberOfValues: 1 }, _) => ConfigKind.SwitchOrText,
        ({ MaximumNumberOfValues: 1 }, _) => ConfigKind.Text,
        // Those without a default take the option's bare name as well.
        ({ MinimumNumberOfValues: 0 }, _) => ConfigKind.SwitchOrTexts,
        _ => ConfigKind.Texts,
    };

    /// <summary>Whether it names something in the file system, not below the directory that is served.</summary>
    public static bool IsPath(Option option) => option is { HelpName: "FILE" or "DIR", Arity.MinimumNumberOfValues: > 0 };

    /// <summary>The words that it takes; null if it takes others.</summary>
    public static string[]? ChoicesOf(Option option) => option.HelpName?.Contains('|', StringComparison.Ordinal) == true ? option.HelpName.Split('|') : null;
}
