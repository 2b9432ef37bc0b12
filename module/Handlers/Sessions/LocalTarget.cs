namespace Http.Server.PowerShell.Handlers.Sessions;

/// <summary>
/// Addresses that a client may be sent to though somebody else may have written them: those of this very server.
/// </summary>
internal static class LocalTarget
{
    /// <summary>
    /// Whether a text is a path of this server. What begins with two slashes, or with one and a backslash, browsers take for
    /// another host.
    /// </summary>
    public static bool Is(string? text) => text is ['/', ..] and not ['/', '/' or '\\', ..] && !text.Any(char.IsControl);
}
