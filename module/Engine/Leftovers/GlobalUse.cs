namespace Http.Server.PowerShell.Engine.Leftovers;

/// <summary>What a script may leave changed in its runspace, as far as its text tells.</summary>
internal enum GlobalUse
{
    /// <summary>Nothing beyond what is looked at after every request: <c>$Error</c>, the location and the culture.</summary>
    None,

    /// <summary>Variables of the global scope.</summary>
    Variables,

    /// <summary>Variables, functions, aliases and drives.</summary>
    Everything,
}
