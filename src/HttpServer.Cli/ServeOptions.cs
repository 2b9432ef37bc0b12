using System.CommandLine;
using System.CommandLine.Parsing;
using Http.Server.Hosting;

namespace Http.Server.Cli;

/// <summary>
/// The options of the parser, made of the table of settings. Every value stays a text: for options of numbers and
/// enumerations the runtime would compile a dozen methods of the parser for each type when the program starts.
/// </summary>
internal static class ServeOptions
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

    /// <summary>In the table's order.</summary>
    private static readonly Option[] Settings = [.. SettingsTable.Options.Select(Make)];

    public static TCommand AddTo<TCommand>(TCommand command)
        where TCommand : Command
    {
        command.Arguments.Add(Port);
        foreach (var option in Settings)
            command.Options.Add(option);
        command.Options.Add(Config);
        command.Options.Add(ConfigSchema);
        return command;
    }

    /// <summary>What the line says, without defaults.</summary>
    public static List<SettingValue> Read(ParseResult result)
    {
        var values = new List<SettingValue>();
        if (result.GetResult(Port) is { Tokens: [var port] })
            values.Add(new SettingValue(SettingsTable.Port, [port.Value]));
        for (var at = 0; at < Settings.Length; at++)
        {
            if (result.GetResult(Settings[at]) is { Implicit: false } option)
                values.Add(new SettingValue(SettingsTable.Options[at], [.. option.Tokens.Select(static token => token.Value)]));
        }

        return values;
    }

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
