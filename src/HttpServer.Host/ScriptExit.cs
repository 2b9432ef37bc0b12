using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Http.Server.Host;

/// <summary>
/// Has <c>exit</c> of the script that runs next end the session, as <c>pwsh -File</c> does. Without it the engine keeps a script file's exit to
/// itself, and nothing tells <c>exit 0</c> from a script that has ended. The engine has the switch, and no public name for it; its version is pinned.
/// </summary>
internal static class ScriptExit
{
    private const string ContextType = "System.Management.Automation.ExecutionContext, System.Management.Automation";

    /// <summary>Sets the switch, which the engine takes back with the script's start.</summary>
    public static void EndsSession(Runspace runspace) => SetRethrow(GetContext(runspace), true);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ExecutionContext")]
    [return: UnsafeAccessorType(ContextType)]
    private static extern object GetContext(Runspace runspace);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ScriptCommandProcessorShouldRethrowExit")]
    private static extern void SetRethrow([UnsafeAccessorType(ContextType)] object context, bool value);
}
