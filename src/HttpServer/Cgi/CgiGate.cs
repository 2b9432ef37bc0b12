namespace Http.Server.Cgi;

/// <summary>How many programs of one server run at once.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001",
    Justification = "A semaphore without a wait handle holds nothing, and the gate lives as long as its server.")]
internal sealed class CgiGate
{
    private readonly SemaphoreSlim _places;

    public CgiGate(int places) => _places = new SemaphoreSlim(places);

    /// <summary>Waits for a place.</summary>
    /// <returns>False if none came free in time.</returns>
    public Task<bool> EnterAsync(TimeSpan patience, CancellationToken cancellationToken) =>
        _places.WaitAsync(patience, cancellationToken);

    public void Leave() => _places.Release();
}
