using System.Runtime.CompilerServices;
using Http.Server.State;

namespace Http.Server.Sessions;

/// <summary>
/// Requests of this process that want the same session, one after the other. Servers that have a store in common have the queue
/// in common.
/// </summary>
internal sealed class SessionQueue
{
    private static readonly ConditionalWeakTable<IHttpStateStore, SessionQueue> Queues = [];

    private readonly Dictionary<string, Place> _places = [];

    /// <summary>The queue of those who use a store.</summary>
    public static SessionQueue Of(IHttpStateStore store) => Queues.GetOrCreateValue(store);

    /// <summary>Waits until no other has the session.</summary>
    /// <returns>False if that took too long.</returns>
    public async ValueTask<bool> TryEnterAsync(string key, TimeSpan patience, CancellationToken cancellationToken)
    {
        Place? place;
        lock (_places)
        {
            if (!_places.TryGetValue(key, out place))
                _places.Add(key, place = new Place());
            place.Count++;
        }

        var hasEntered = false;
        try
        {
            return hasEntered = await place.Gate.WaitAsync(patience, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!hasEntered)
                Forget(key, place);
        }
    }

    /// <summary>Lets the next one in.</summary>
    public void Leave(string key)
    {
        Place place;
        lock (_places)
            place = _places[key];
        place.Gate.Release();
        Forget(key, place);
    }

    private void Forget(string key, Place place)
    {
        lock (_places)
        {
            if (--place.Count == 0)
                _places.Remove(key);
        }
    }

    private sealed class Place
    {
        public SemaphoreSlim Gate { get; } = new(1);

        /// <summary>Those who have it or wait for it.</summary>
        public int Count { get; set; }
    }
}
