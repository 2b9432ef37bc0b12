namespace Http.Server.Host;

/// <summary>What the program's exit code says, where a script does not choose one.</summary>
internal static class ExitCode
{
    /// <summary>It served and was told to stop, or the script ended and no server of it runs.</summary>
    public const int Success = 0;

    /// <summary>
    /// The server could not start, or an error ended the script: the message on standard error says why and where.
    /// </summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong: the message on standard error says where.</summary>
    public const int Usage = 2;
}
