using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>The variables of <c>-Variable</c>, checked at the start: each request would fail for a wrong one.</summary>
internal static class HandlerVariables
{
    /// <summary>Variables that the engine sets while a script runs, and those of a request.</summary>
    private static readonly string[] VariablesOfCalls =
    [
        "null", "this", "Request", "Response", "Session", "Shared", "input", "args", "_", "PSItem", "PSCmdlet",
        "PSBoundParameters", "PSScriptRoot", "PSCommandPath", "MyInvocation", "Matches", "foreach", "switch",
        "LASTEXITCODE", "StackTrace", "^", "$", "?", "Event", "EventSubscriber", "EventArgs", "Sender", "SourceArgs",
        "SourceEventArgs", "PSDebugContext", "PSSenderInfo", "PSLogUserData", "NestedPromptLevel", "Error", "PWD",
        "ExecutionContext", "PROFILE", "ConsoleFileName",
    ];

    /// <summary>Variables of a new runspace that cannot be set.</summary>
    private static readonly Lazy<HashSet<string>> FixedVariables = new(static () =>
    {
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        return runspace.SessionStateProxy.InvokeProvider.ChildItem.Get("Variable:", recurse: false)
            .Select(static item => item.BaseObject).OfType<PSVariable>()
            .Where(static variable => (variable.Options & (ScopedItemOptions.Constant | ScopedItemOptions.ReadOnly)) != 0)
            .Select(static variable => variable.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    });

    /// <exception cref="CommandFailure">A name is malformed, reserved or there twice.</exception>
    public static Dictionary<string, object?> Read(Hashtable table)
    {
        var variables = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table)
        {
            var name = entry.Key.ToString()!;
            if (name.Length == 0 || name.Contains(':'))
                throw Invalid(name, $"'{name}' is no name of a variable. Give names without scope and dollar sign.");
            if (IsReserved(name))
                throw new CommandFailure(
                    $"-Variable: ${name} is set by the server or by PowerShell itself, for each request anew or for good. "
                    + "Give the variable another name.", "VariableReserved", ErrorCategory.InvalidArgument, name);
            if (!variables.TryAdd(name, entry.Value))
                throw Invalid(name, $"{name} is there twice; PowerShell does not tell names apart by case.");
        }

        return variables;
    }

    /// <summary>Whether a handler could not read what is given. Preferences, <c>OFS</c> and the like may be given.</summary>
    private static bool IsReserved(string name) =>
        VariablesOfCalls.Contains(name, StringComparer.OrdinalIgnoreCase) || FixedVariables.Value.Contains(name);

    private static CommandFailure Invalid(string name, string problem) =>
        new("-Variable: " + problem, "VariableInvalid", ErrorCategory.InvalidArgument, name);
}
