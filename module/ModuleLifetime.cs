using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Http.Server.PowerShell.Engine;
using Http.Server.PowerShell.Servers;

namespace Http.Server.PowerShell;

/// <summary>Ends what the module has begun when it is removed.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <summary><c>Import-Module -Force</c> removes a module without a word to its nested ones: what was begun before ends now.</summary>
    public void OnImport()
    {
        if (!ScriptWorker.IsCurrentThread && Runspace.DefaultRunspace is { } runspace)
            HttpServerSession.Of(runspace).StopAll(TimeSpan.Zero);
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        // A handler that removes the module does so for itself.
        if (ScriptWorker.IsCurrentThread)
            return;
        if (Runspace.DefaultRunspace is { } runspace)
            HttpServerSession.Of(runspace).StopAll(TimeSpan.Zero);
        else
            HttpServerSession.StopEverything();
    }
}
