namespace Http.Server.Hosting.Services;

/// <summary>
/// Whether the log goes to the journal of systemd, which reads the priority of a line before it (sd-daemon(3)).
/// </summary>
public static class Journal
{
    /// <summary>
    /// Whether standard error is the stream that systemd has connected with the journal: the variable <c>JOURNAL_STREAM</c> has
    /// its device and inode, and a child whose standard error goes elsewhere inherits the variable too.
    /// </summary>
    public static bool IsStandardError()
    {
        if (!OperatingSystem.IsLinux()
            || Environment.GetEnvironmentVariable("JOURNAL_STREAM")?.Split(':') is not [_, { Length: > 0 } inode])
            return false;
        try
        {
            return new FileInfo("/proc/self/fd/2").LinkTarget == $"socket:[{inode}]";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
