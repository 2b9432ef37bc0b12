using Http.Server.PowerShell.Engine.Leftovers;

namespace Http.Server.PowerShell.Engine;

/// <summary>A handler as a function of one worker's runspace.</summary>
internal readonly record struct ScriptFunction(string Name, GlobalUse Use);
