namespace Http.Server.PowerShell.Engine;

/// <summary>How many workers one handler may keep busy at once. Guarded by the lock of the <see cref="WorkerPool"/>.</summary>
internal sealed class WorkGate(int limit)
{
    private int _running;

    public bool TryEnter()
    {
        if (_running >= limit)
            return false;
        _running++;
        return true;
    }

    public void Leave() => _running--;
}
