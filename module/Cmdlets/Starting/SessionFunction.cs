using System.Management.Automation;
using System.Management.Automation.Language;
using Http.Server.PowerShell.Cmdlets.Parameters;

namespace Http.Server.PowerShell.Cmdlets.Starting;

/// <summary>A function of the session that handlers are given, as its text.</summary>
internal static class SessionFunction
{
    /// <exception cref="CommandFailure">The session has no function or filter of this name.</exception>
    public static string Read(string name, CommandInvocationIntrinsics commands) =>
        commands.GetCommand(name, CommandTypes.Function | CommandTypes.Filter) is FunctionInfo function
            ? DefinitionOf(function)
            : throw new CommandFailure(
                $"-Function: there is no function '{name}' in this session. Define it before, or put its module in -Module.",
                "FunctionNotFound", ErrorCategory.ObjectNotFound, name);

    /// <summary>The text of a function; a filter's is that of a function which does the same.</summary>
    private static string DefinitionOf(FunctionInfo function)
    {
        if (function is not FilterInfo
            || function.ScriptBlock.Ast is not FunctionDefinitionAst { Body.ProcessBlock: { Unnamed: true } process } filter)
            return function.Definition;
        var parameters = string.Join(", ",
            (filter.Parameters ?? filter.Body.ParamBlock?.Parameters)?.Select(static parameter => parameter.Extent.Text) ?? []);
        return $"param({parameters})\nprocess {{\n{process.Extent.Text}\n}}";
    }
}
