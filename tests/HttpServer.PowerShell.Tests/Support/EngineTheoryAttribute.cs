using System.Runtime.CompilerServices;

namespace Http.Server.PowerShell.Tests.Support;

/// <summary>A theory that needs the engine: skipped where there is none, with a reason that says what to install.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EngineTheoryAttribute : TheoryAttribute
{
    public EngineTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Skip = PowerShellEngine.Missing;
}
