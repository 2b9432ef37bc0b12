using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes an argument with what the session has.</summary>
public abstract class SessionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (Runspace.DefaultRunspace is not { } runspace)
            return [];
        var word = (wordToComplete ?? "").Trim('\'', '"');
        return Values(HttpServerSession.Of(runspace))
            .Where(value => value.Text.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(static value => value.Text)
            .Select(static value => new CompletionResult(Quote(value.Text), value.Text, CompletionResultType.ParameterValue, value.Tip));
    }

    private protected abstract IEnumerable<(string Text, string Tip)> Values(HttpServerSession session);

    private static string Quote(string text) =>
        text.All(static letter => char.IsLetterOrDigit(letter) || letter is '/' or '-' or '_' or '.' or '*') ? text : "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
