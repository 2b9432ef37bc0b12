namespace Http.Server.PowerShell.Servers;

/// <summary>What <c>Start-HttpServer</c> was asked for about CGI programs.</summary>
internal sealed record CgiSettings
{
    /// <summary>Paths below which programs lie; empty for no CGI.</summary>
    public IReadOnlyList<string> Directories { get; init; } = [];

    /// <summary>Longest silence of a program; null for the handler's default.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Variables for programs: NAME=VALUE, or NAME to pass the server's own on.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>The user that programs run as; null for the handler's default.</summary>
    public string? User { get; init; }

    /// <summary>Gives a handler these settings. Directories of a class stay if none are set here.</summary>
    public void ApplyTo(CgiHttpRequestHandler handler)
    {
        handler.CgiEnvironmentVariables = Environment;
        handler.CgiUser = User;
        if (Timeout is { } timeout)
            handler.CgiTimeout = timeout;
        if (Directories.Count > 0)
            handler.CgiDirectories = Directories;
    }
}
