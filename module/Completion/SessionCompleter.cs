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
            .Where(value => Fits(value.Text, word))
            .DistinctBy(static value => value.Text)
            .Select(value => new CompletionResult(Quote(value.Text), value.Text, CompletionResultType.ParameterValue, value.Tip));
    }

    private protected abstract IEnumerable<(string Text, string Tip)> Values(HttpServerSession session);

    /// <summary>Whether a value is one of those that begin as the word does.</summary>
    private protected virtual bool Fits(string text, string word) => text.StartsWith(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>A value as it is written in a command.</summary>
    private protected virtual string Quote(string text) =>
        text.All(static letter => char.IsLetterOrDigit(letter) || letter is '/' or '-' or '_' or '.' or '*')
            ? text
            : "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";
}
