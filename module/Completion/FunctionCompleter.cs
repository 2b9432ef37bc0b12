using System.Management.Automation;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Completes the names of the session's functions.</summary>
public sealed class FunctionCompleter : SessionCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Values(HttpServerSession session)
    {
        using var shell = Shell.Create(RunspaceMode.CurrentRunspace);
        foreach (var function in shell.AddCommand("Get-ChildItem").AddParameter("Path", "Function:").Invoke<FunctionInfo>())
            yield return (function.Name, function.Name);
    }
}
