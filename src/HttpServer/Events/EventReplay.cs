namespace Http.Server.Events;

/// <summary>The newest events of a channel, for listeners that come back. Used under the channel's lock.</summary>
/// <param name="count">Most events.</param>
/// <param name="maxBytes">Most bytes.</param>
internal sealed class EventReplay(int count, long maxBytes)
{
    /// <summary>Each with the one before it, from which a listener goes on.</summary>
    private readonly LinkedList<(ChannelEvent Before, ChannelEvent Event)> _events = [];
    private long _bytes;

    public void Add(ChannelEvent before, ChannelEvent added)
    {
        if (count == 0)
            return;
        _events.AddLast((before, added));
        _bytes += added.Chunk.Length;
        while (_events.Count > count || (_bytes > maxBytes && _events.Count > 1))
        {
            _bytes -= _events.First!.Value.Event.Chunk.Length;
            _events.RemoveFirst();
        }
    }

    /// <summary>
    /// What a listener goes on after. Of an id that is not known, because too much was sent since or the process has begun anew,
    /// all that is kept follows: it is better to hear something twice than never.
    /// </summary>
    public ChannelEvent Find(string lastId, ChannelEvent newest)
    {
        for (var entry = _events.Last; entry is not null; entry = entry.Previous)
        {
            if (entry.Value.Event.Id == lastId)
                return entry.Value.Event;
        }

        return _events.First?.Value.Before ?? newest;
    }

    /// <summary>What a listener goes on after that is to begin with the newest event; of a channel that keeps none, with the
    /// next.</summary>
    public ChannelEvent FindLast(ChannelEvent newest) => _events.Last?.Value.Before ?? newest;
}
