namespace Http.Server.PowerShell.Logging;

/// <summary>The script lines by which the module calls handlers: no error is theirs, so none is shown with them.</summary>
internal static class OwnScript
{
    /// <summary>Calls a method.</summary>
    public const string CallOfMethod = "param($Method) $Method.Invoke()";

    /// <summary>Begins the call of a handler that defines classes.</summary>
    public const string BeginOfCall = "try { HttpHandler";

    /// <summary>Ends it.</summary>
    public const string EndOfCall = "} catch { $ErrorActionPreference = 'Stop'; throw }";

    /// <summary>Whether a line is one of these.</summary>
    public static bool IsLine(string line) =>
        line == CallOfMethod || (line.EndsWith(EndOfCall, StringComparison.Ordinal)
            && line.Contains(BeginOfCall, StringComparison.Ordinal));
}
