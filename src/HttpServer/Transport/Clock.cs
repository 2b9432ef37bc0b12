namespace Http.Server.Transport;

/// <summary>The server's time: milliseconds for deadlines, and the date as headers carry it, made once a second.</summary>
internal sealed class Clock(TimeProvider provider)
{
    private readonly bool _isSystem = provider == TimeProvider.System;
    private readonly long _origin = provider.GetTimestamp();
    private DateEntry _date = new(-1, "");

    /// <summary>How answers begin, of which the date is a part.</summary>
    public ResponseStarts Starts { get; } = new();

    /// <summary>A clock that never goes back; its zero means nothing.</summary>
    public long Milliseconds => _isSystem
        ? Environment.TickCount64
        : (long)provider.GetElapsedTime(_origin).TotalMilliseconds;

    public DateTime UtcNow => _isSystem ? DateTime.UtcNow : provider.GetUtcNow().UtcDateTime;

    /// <summary>A current date in the form of RFC 9110, section 5.6.7; the same string for a whole second.</summary>
    public string HttpDate(DateTime now)
    {
        var second = now.Ticks / TimeSpan.TicksPerSecond;
        var date = _date;
        if (date.Second != second)
            _date = date = new DateEntry(second, Protocol.HttpDate.Format(now));
        return date.Text;
    }

    // The second and its text are in one object, so that a reader on another thread never sees a second with the text of
    // another.
    private sealed record DateEntry(long Second, string Text);
}
