using System.Management.Automation;

namespace Http.Server.PowerShell;

/// <summary>Ends what the module has begun when it is removed.</summary>
public sealed class ModuleLifetime : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
    }
}
