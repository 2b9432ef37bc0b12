using System.Management.Automation;
using Http.Server.PowerShell.Logging;

namespace Http.Server.PowerShell.Engine;

/// <summary>The function by which a worker calls a .NET method as a command.</summary>
internal static class InvokeMethodCommand
{
    public const string Name = "HttpHandlerMethod";

    /// <summary>The function's one parameter.</summary>
    public const string Method = "Method";

    public static ScriptBlock Body() => ScriptBlock.Create(OwnScript.CallOfMethod);
}
