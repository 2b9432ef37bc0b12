using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Http.Server.PowerShell.Cmdlets;

/// <content>What requests would fail for one by one is told at the start.</content>
public sealed partial class StartHttpServerCommand
{
    /// <summary>
    /// Variables that the engine sets as it goes, beside those that every runspace is born with, and those of a
    /// request.
    /// </summary>
    private static readonly string[] VariablesOfCalls =
    [
        "null", "this", "Request", "Response", "Shared", "input", "args", "_", "PSItem", "PSCmdlet", "PSBoundParameters",
        "PSScriptRoot", "PSCommandPath", "MyInvocation", "Matches", "foreach", "switch", "LASTEXITCODE", "StackTrace", "^",
        "$", "?", "Event", "EventSubscriber", "EventArgs", "Sender", "SourceArgs", "SourceEventArgs", "PSDebugContext",
        "PSSenderInfo", "PSLogUserData", "NestedPromptLevel", "Error", "PWD", "ExecutionContext", "PROFILE",
        "ConsoleFileName",
    ];

    private ServerCertificate Check(ServerCertificate certificate)
    {
        if (certificate.FindWeakness() is { } weakness)
            WriteWarning(weakness);
        return certificate;
    }

    private void CheckFallbackPage()
    {
        var probe = new SimpleHttpRequestHandler
        {
            Directory = ReadDirectory(),
            FallbackPage = FallbackPage,
            Symlinks = Symlinks
        };
        if (probe.FindFallbackProblem() is { } problem)
            Fail($"{problem}: give one that exists with -FallbackPage.", "FallbackPageNotFound", ErrorCategory.ObjectNotFound,
                FallbackPage);
    }

    private string? ReadCgiUser()
    {
        if (new CgiHttpRequestHandler { CgiUser = CgiUser }.FindCgiUserProblem() is { } problem)
            Fail($"-CgiUser: {problem}.", "CgiUserInvalid", ErrorCategory.InvalidArgument, CgiUser);
        return CgiUser;
    }

    private Dictionary<string, object?> ReadVariables()
    {
        var variables = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in Variable)
        {
            var name = entry.Key.ToString()!;
            if (name.Length == 0 || name.Contains(':'))
                Fail($"-Variable: '{name}' is no name of a variable. Give names without scope and dollar sign.",
                    "VariableInvalid", ErrorCategory.InvalidArgument, name);
            if (IsReserved(name))
                Fail($"-Variable: ${name} is set by the server or by PowerShell itself, for each request anew or for good. "
                    + "Give the variable another name.", "VariableReserved", ErrorCategory.InvalidArgument, name);
            if (!variables.TryAdd(name, entry.Value))
                Fail($"-Variable: {name} is there twice; PowerShell does not tell names apart by case.", "VariableInvalid",
                    ErrorCategory.InvalidArgument, name);
        }

        return variables;
    }

    /// <summary>
    /// A constant of every runspace, or a variable of calls. Preferences, <c>OFS</c> and the like may be
    /// given.
    /// </summary>
    private static bool IsReserved(string name) =>
        VariablesOfCalls.Contains(name, StringComparer.OrdinalIgnoreCase)
        || InitialVariables.Value.Contains(name);

    private static readonly Lazy<HashSet<string>> InitialVariables = new(static () =>
    {
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        return runspace.SessionStateProxy.InvokeProvider.ChildItem.Get("Variable:", recurse: false)
            .Select(static item => item.BaseObject).OfType<PSVariable>()
            .Where(static variable => (variable.Options & (ScopedItemOptions.Constant | ScopedItemOptions.ReadOnly)) != 0)
            .Select(static variable => variable.Name)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    });
}
