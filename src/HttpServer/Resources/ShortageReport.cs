namespace Http.Server.Resources;

/// <summary>
/// Tells the log what is short, at most once a second however often it is: a log is no help if it takes what is
/// left.
/// </summary>
internal sealed class ShortageReport(IHttpLog log, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _lastTime;
    private bool _hasTold;
    private int _untold;

    /// <param name="what">What is short.</param>
    /// <param name="consequence">What came of it, as the rest of a sentence: <c>a request was answered 503</c>.</param>
    public void Report(string what, string consequence)
    {
        int untold;
        lock (_lock)
        {
            if (_hasTold && time.GetElapsedTime(_lastTime) < Interval)
            {
                _untold++;
                return;
            }

            (_hasTold, _lastTime) = (true, time.GetTimestamp());
            (untold, _untold) = (_untold, 0);
        }

        log.Message(LogLevel.Warning, null,
            $"Too few {what}: {consequence}.{(untold > 0 ? $" {untold} more times since the last line about it." : "")}");
    }
}
