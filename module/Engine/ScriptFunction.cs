using System.Management.Automation;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Engine.Leftovers;

namespace Http.Server.PowerShell.Engine;

/// <summary>A handler as a function of one worker's runspace.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Use">What it may leave changed.</param>
/// <param name="Call">Its call within a pipeline that is kept running; null if it needs a pipeline of its own.</param>
/// <param name="Block">The function itself, if it may be invoked as a block within such a pipeline; else null.</param>
/// <param name="Binder">Gives its parameters their values; null if it has none that want some.</param>
internal readonly record struct ScriptFunction(
    string Name, GlobalUse Use, ScriptBlock? Call, ScriptBlock? Block, IParameterBinder? Binder);
