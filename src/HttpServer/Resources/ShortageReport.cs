namespace Http.Server.Resources;

/// <summary>
/// Tells the log what is short, at most once a second however often it is: a log is no help if it takes what is
/// left.
/// </summary>
internal sealed class ShortageReport(IHttpLog log, TimeProvider time)
{
    private readonly OncePerSecond _moment = new(time);

    /// <param name="what">What is short.</param>
    /// <param name="consequence">What came of it, as the rest of a sentence: <c>a request was answered 503</c>.</param>
    public void Report(string what, string consequence)
    {
        if (_moment.TryPass(out var untold))
            log.Message(LogLevel.Warning, null,
                $"Too few {what}: {consequence}.{(untold > 0 ? $" {untold} more times since the last line about it." : "")}");
    }
}
