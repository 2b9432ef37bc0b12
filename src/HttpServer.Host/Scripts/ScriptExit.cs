using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Http.Server.Host.Scripts;

/// <summary>
/// Makes <c>exit</c> of the script that runs next end the session, as <c>pwsh -File</c> does. Otherwise the engine ends
/// only the script file, and <c>exit 0</c> looks like a script that has come to its end. The engine's switch for it is not
/// public; the version of the engine is pinned.
/// </summary>
internal static class ScriptExit
{
    private const string ContextType = "System.Management.Automation.ExecutionContext, System.Management.Automation";

    /// <summary>Sets the switch, which the engine clears when the script starts.</summary>
    public static void EndsSession(Runspace runspace) => SetRethrow(GetContext(runspace), true);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ExecutionContext")]
    [return: UnsafeAccessorType(ContextType)]
    private static extern object GetContext(Runspace runspace);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ScriptCommandProcessorShouldRethrowExit")]
    private static extern void SetRethrow([UnsafeAccessorType(ContextType)] object context, bool value);
}
