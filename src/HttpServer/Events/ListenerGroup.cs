namespace Http.Server.Events;

/// <summary>
/// A part of a channel's listeners, which are told of events one after the other. Several groups are told at once, and one that
/// is being told learns of further events in the same round.
/// </summary>
internal sealed class ListenerGroup : IThreadPoolWorkItem
{
    private readonly Lock _lock = new();
    private readonly List<ChannelListener> _listeners = [];
    private ChannelListener[] _round = [];
    private ChannelEvent _newest = ChannelEvent.Begin();
    private int _isAwake;

    public int Count
    {
        get
        {
            lock (_lock)
                return _listeners.Count;
        }
    }

    public void Add(ChannelListener listener)
    {
        lock (_lock)
        {
            listener.Place = _listeners.Count;
            _listeners.Add(listener);
            _round = [];
        }
    }

    public void Remove(ChannelListener listener)
    {
        lock (_lock)
        {
            // The last one takes its place: of ten thousand that leave none is looked for.
            var last = _listeners[^1];
            _listeners[listener.Place] = last;
            last.Place = listener.Place;
            _listeners.RemoveAt(_listeners.Count - 1);
            _round = [];
        }
    }

    /// <summary>The listeners that there are now.</summary>
    public ChannelListener[] All()
    {
        lock (_lock)
        {
            if (_round.Length != _listeners.Count)
                _round = [.. _listeners];
            return _round;
        }
    }

    /// <summary>Has all listeners told, on a thread of the pool.</summary>
    public void Tell(ChannelEvent newest)
    {
        Volatile.Write(ref _newest, newest);
        if (Interlocked.Exchange(ref _isAwake, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        // Before the round: what is told while it lasts begins another.
        Interlocked.Exchange(ref _isAwake, 0);
        var newest = Volatile.Read(ref _newest);
        foreach (var listener in All())
            listener.Wake(newest);
    }
}
