namespace Http.Server.Host;

internal sealed class WatchedScript(HostArguments arguments, ForegroundRun run)
{
    public int Run() => run.Run(arguments);
}
