using Http.Server.Transport;

namespace Http.Server.WebSockets.Frames;

/// <summary>Counts what one client sends against a limit: a bucket of tokens, which come back evenly.</summary>
internal sealed class MessageRate(RateLimit limit, Clock clock)
{
    private double _tokens = limit.Count;
    private long _time = clock.Milliseconds;

    public bool TryTake()
    {
        var now = clock.Milliseconds;
        _tokens = Math.Min(limit.Count, _tokens + ((now - _time) * limit.Count / limit.Period.TotalMilliseconds));
        _time = now;
        if (_tokens < 1)
            return false;
        _tokens--;
        return true;
    }
}
