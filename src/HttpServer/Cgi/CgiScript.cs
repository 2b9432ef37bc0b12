namespace Http.Server.Cgi;

/// <summary>A program that a request path names.</summary>
/// <param name="FilePath">Its full path.</param>
/// <param name="ScriptName">The part of the request path that names it, decoded.</param>
/// <param name="PathInfo">What of the request path follows, decoded; empty, or with a slash at its start.</param>
internal sealed record CgiScript(string FilePath, string ScriptName, string PathInfo)
{
    /// <summary>The program prints the whole answer by itself, status line and all ("non-parsed headers").</summary>
    public bool IsNonParsed => Path.GetFileName(FilePath).StartsWith("nph-", StringComparison.OrdinalIgnoreCase);
}
