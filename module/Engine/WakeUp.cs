namespace Http.Server.PowerShell.Engine;

/// <summary>Has one thread sleep until another wakes it; who is woken before the sleep does not sleep.</summary>
internal sealed class WakeUp
{
    private readonly object _lock = new();
    private bool _isDue;

    /// <summary>It has been woken, and has not slept since.</summary>
    public bool IsDue
    {
        get
        {
            lock (_lock)
                return _isDue;
        }
    }

    public void Wake()
    {
        lock (_lock)
        {
            _isDue = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <param name="patience">Milliseconds to sleep at most, or <see cref="Timeout.Infinite"/>.</param>
    /// <returns>False if it has not been woken in time.</returns>
    public bool TrySleep(int patience)
    {
        lock (_lock)
        {
            while (!_isDue)
            {
                if (!Monitor.Wait(_lock, patience))
                    return false;
            }

            _isDue = false;
            return true;
        }
    }
}
