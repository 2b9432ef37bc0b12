namespace Http.Server.Resources;

/// <summary>Lets one line through in a second, of those that a client can cause as often as it likes.</summary>
internal sealed class OncePerSecond(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _lastTime;
    private bool _hasPassed;
    private int _kept;

    /// <summary>Asks whether it is time.</summary>
    /// <param name="kept">How many did not pass since the last one that did; 0 if this one does not.</param>
    public bool TryPass(out int kept)
    {
        kept = 0;
        lock (_lock)
        {
            if (_hasPassed && time.GetElapsedTime(_lastTime) < Interval)
            {
                _kept++;
                return false;
            }

            (_hasPassed, _lastTime) = (true, time.GetTimestamp());
            (kept, _kept) = (_kept, 0);
            return true;
        }
    }
}
