using System.CommandLine;
using System.CommandLine.Parsing;
using Http.Server.Hosting;

namespace Http.Server.Cli;

/// <summary>
/// The options of the parser, made of the table of settings. Every value stays a text: for options of numbers and
/// enumerations the runtime would compile a dozen methods of the parser for each type when the program starts.
/// </summary>
internal sealed class ServeOptions
{
    public static readonly Argument<string> Port = new(SettingsTable.Port.Name)
    {
        Description = SettingsTable.Port.Help,
        DefaultValueFactory = static _ => SettingsTable.Port.Default!,
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = static result => Check(SettingsTable.Port, result).Tokens[0].Value,
    };

    public static readonly Option<string?> Config = new("--config")
    {
        Description = "JSON file with settings named like the long options; what the command line says as well wins.",
        HelpName = "FILE",
        CustomParser = static result =>
        {
            if (result.Tokens[0].Value.Length == 0)
                result.AddError("The value of --config is empty.");
            return result.Tokens[0].Value;
        },
    };

    public static readonly Option<bool> ConfigSchema = new("--config-schema")
    {
        Description = "Print the JSON schema of such files and exit.",
        Arity = ArgumentArity.Zero,
    };

    private readonly List<(Setting Setting, Option Option)> _options = [];

    private ServeOptions()
    {
    }

    /// <summary>All options, in the table's order.</summary>
    public static ServeOptions All() => Of(static _ => true);

    /// <summary>
    /// The options that a line names, and perhaps some more. A line names few of them, and to make and check all takes a
    /// part of a start that can be measured. A line that has an error with these is to be parsed with all.
    /// </summary>
    public static ServeOptions NamedIn(string[] args) =>
        Of(setting => Array.Exists(args, arg => arg.StartsWith('-') && MayName(arg, setting)));

    /// <summary>Adds these options, and those that are no settings.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(Port);
        foreach (var (_, option) in _options)
            command.Options.Add(option);
        command.Options.Add(Config);
        command.Options.Add(ConfigSchema);
    }

    /// <summary>What the line says, without defaults.</summary>
    public List<SettingValue> Read(ParseResult result)
    {
        var values = new List<SettingValue>();
        if (result.GetResult(Port) is { Tokens: [var port] })
            values.Add(new SettingValue(SettingsTable.Port, [port.Value]));
        foreach (var (setting, option) in _options)
        {
            if (result.GetResult(option) is { Implicit: false } given)
                values.Add(new SettingValue(setting, [.. given.Tokens.Select(static token => token.Value)]));
        }

        return values;
    }

    private static ServeOptions Of(Predicate<Setting> isWanted)
    {
        var options = new ServeOptions();
        foreach (var setting in SettingsTable.Options)
        {
            if (isWanted(setting))
                options._options.Add((setting, Make(setting)));
        }

        return options;
    }

    /// <summary>Whether an argument is the long option, with a value or without, or has the letter of the short one.</summary>
    private static bool MayName(string arg, Setting setting) => arg.StartsWith("--", StringComparison.Ordinal)
        ? arg.AsSpan(2).StartsWith(setting.Name, StringComparison.Ordinal)
        : setting.ShortOption is { } option && arg.Contains(option[1], StringComparison.Ordinal);

    private static Option Make(Setting setting)
    {
        var name = "--" + setting.Name;
        string[] aliases = setting.ShortOption is { } letter ? [letter] : [];
        Option option = setting.Kind switch
        {
            SettingKind.Switch => new Option<bool>(name, aliases) { Arity = ArgumentArity.Zero },
            SettingKind.Texts or SettingKind.SwitchOrTexts or SettingKind.Pairs => new Option<string[]>(name, aliases)
            {
                CustomParser = result => [.. Check(setting, result).Tokens.Select(static token => token.Value)],
            },
            _ => new Option<string?>(name, aliases)
            {
                DefaultValueFactory = setting.Default is { } value ? _ => value : null,
                CustomParser = result => Check(setting, result).Tokens is [var token, ..] ? token.Value : setting.BareValue,
            },
        };
        option.Description = setting.Help;
        option.HelpName = setting.ValueName;
        if (setting.Kind == SettingKind.SwitchOrText)
            option.Arity = ArgumentArity.ZeroOrOne;
        else if (setting.Kind == SettingKind.SwitchOrTexts)
            option.Arity = ArgumentArity.ZeroOrMore;
        return option;
    }

    private static ArgumentResult Check(Setting setting, ArgumentResult result)
    {
        if (setting.FindProblem(result.Tokens.Select(static token => token.Value)) is { } problem)
            result.AddError(problem);
        return result;
    }
}
