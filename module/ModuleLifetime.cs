using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Has the session complete handlers, and ends what the module has begun when it is removed.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <summary>
    /// Ends what was begun before: <c>Import-Module -Force</c> removes a module without a word to its nested
    /// ones.
    /// </summary>
    public void OnImport()
    {
        if (ScriptWorker.IsCurrentThread || Runspace.DefaultRunspace is not { } runspace)
            return;
        HttpServerSession.Of(runspace).End();
        HandlerCompletion.Install();
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        // A handler that removes the module does so for itself.
        if (ScriptWorker.IsCurrentThread)
            return;
        if (Runspace.DefaultRunspace is { } runspace)
        {
            HttpServerSession.Of(runspace).End();
            HandlerCompletion.Uninstall();
        }
        else
        {
            HttpServerSession.StopEverything();
        }
    }
}
