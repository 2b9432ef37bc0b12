using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Http.Server.PowerShell;

/// <summary>Completes modules as <c>Import-Module</c> does: installed ones by their names, others by their paths.</summary>
public sealed class ModuleCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var import = "Import-Module -Name " + wordToComplete;
        return CommandCompletion.CompleteInput(import, import.Length, null).CompletionMatches;
    }
}
