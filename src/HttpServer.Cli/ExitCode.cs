namespace Http.Server.Cli;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCode
{
    /// <summary>It served and was told to stop, by Ctrl+C or a signal; or it only showed its help or version.</summary>
    public const int Success = 0;

    /// <summary>It could not start: the message on standard error says why.</summary>
    public const int CannotStart = 1;

    /// <summary>The server that <c>httpserver health</c> asks does not answer as it should.</summary>
    public const int Unhealthy = 1;

    /// <summary>The command line is wrong: the message on standard error says where.</summary>
    public const int Usage = 2;
}
