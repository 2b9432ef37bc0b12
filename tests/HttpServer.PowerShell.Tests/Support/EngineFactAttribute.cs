using System.Runtime.CompilerServices;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A test that needs the engine: skipped where there is none, with a reason that says what to install.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EngineFactAttribute : FactAttribute
{
    public EngineFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Skip = PowerShellEngine.Missing;
}
