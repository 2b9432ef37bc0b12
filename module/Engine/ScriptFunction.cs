using System.Management.Automation;
using Http.Server.PowerShell.Engine.Arguments;
using Http.Server.PowerShell.Engine.Leftovers;

namespace Http.Server.PowerShell.Engine;

/// <summary>A handler as a function of one worker's runspace.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Use">What it may leave changed.</param>
/// <param name="Call">
/// Within a pipeline that is kept running, its call, or the function itself if that is to be invoked; null if it needs a
/// pipeline of its own.
/// </param>
/// <param name="IsInvoked">It is invoked as a block.</param>
/// <param name="Binder">Gives its parameters their values; null if it has none that want some.</param>
internal readonly record struct ScriptFunction(
    string Name, GlobalUse Use, ScriptBlock? Call, bool IsInvoked, IParameterBinder? Binder);
