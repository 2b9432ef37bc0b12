using System.CommandLine;
using System.CommandLine.Parsing;
using Http.Server.Hosting;

namespace Http.Server.Cli;

/// <summary>
/// Says in one line what is wrong with a command line. The parser's own texts do not tell a user what to do, so the problem
/// is found from the parse result. Only texts of this program's own checks are passed on.
/// </summary>
internal static class UsageProblem
{
    /// <returns>The first problem; null if there is none.</returns>
    public static string? Find(ParseResult result, Argument port)
    {
        if (result.Errors.Count == 0)
            return null;
        var extra = result.UnmatchedTokens;
        var standingAlone = (result.GetResult(port)?.Tokens.Select(token => token.Value) ?? []).Concat(extra);
        var given = result.RootCommandResult.Children.OfType<OptionResult>().Where(option => !option.Implicit).ToList();

        if (standingAlone.FirstOrDefault(LooksLikeOption) is { } unknown)
            return ExplainUnknown(unknown, result.RootCommandResult.Command.Options);
        if (given.Find(option => option.Tokens.Count < option.Option.Arity.MinimumNumberOfValues) is { } incomplete)
            return $"{Name(incomplete)} needs a value: {Name(incomplete)} {incomplete.Option.HelpName}.";
        if (given.Find(static option => option is { IdentifierTokenCount: > 1, Option.Arity.MaximumNumberOfValues: 1 })
            is { } repeated)
            return $"{repeated.Option.Name} can be given only once.";
        if (extra.Count > 0)
            return $"'{extra[0]}' is one argument too many: only the port stands by itself.";
        return result.Errors[0].Message;
    }

    private static string Name(OptionResult option) => option.IdentifierToken?.Value ?? option.Option.Name;

    private static bool LooksLikeOption(string text) => text.Length > 1 && text[0] == '-' && !char.IsAsciiDigit(text[1]);

    private static string ExplainUnknown(string text, IEnumerable<Option> options)
    {
        var name = text.Split('=', ':')[0];
        if (name is "--port" or "-P")
            return $"There is no option {name}: the port stands by itself, as in 'httpserver 8000'.";
        var near = NearName.Find(name, options.Select(option => option.Name));
        return near is null ? $"There is no option {name}." : $"There is no option {name}; did you mean {near}?";
    }
}
