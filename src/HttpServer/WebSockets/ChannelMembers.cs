using Http.Server.State;

namespace Http.Server.WebSockets;

/// <summary>The WebSockets of this process that are in a channel, and the way by which other processes' messages come.</summary>
/// <param name="name">The name as it was first given.</param>
internal sealed class ChannelMembers(string name) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<HttpWebSocket> _members = [];
    private readonly SemaphoreSlim _subscribing = new(1, 1);
    private HttpStateSubscription? _subscription;
    private bool _isClosed;

    public string Name => name;

    public int Count
    {
        get
        {
            lock (_lock)
                return _members.Count;
        }
    }

    private bool IsClosed
    {
        get
        {
            lock (_lock)
                return _isClosed;
        }
    }

    /// <summary>Adds one; one that is there is there once.</summary>
    /// <returns>False if the last one has left: another object takes the place of this one.</returns>
    public bool TryAdd(HttpWebSocket socket, out bool isNew)
    {
        lock (_lock)
        {
            isNew = !_isClosed && _members.Add(socket);
            return !_isClosed;
        }
    }

    /// <summary>Removes one.</summary>
    /// <param name="socket">Which one.</param>
    /// <param name="wasLast">It was the last one: nobody can be added any more.</param>
    /// <returns>False if it was not there.</returns>
    public bool Remove(HttpWebSocket socket, out bool wasLast)
    {
        lock (_lock)
        {
            var wasThere = _members.Remove(socket);
            wasLast = wasThere && _members.Count == 0;
            _isClosed |= wasLast;
            return wasThere;
        }
    }

    /// <summary>All that are there.</summary>
    public HttpWebSocket[] All()
    {
        lock (_lock)
            return [.. _members];
    }

    /// <summary>Has a message sent to all, in one order with other messages.</summary>
    public void Tell(in OutgoingMessage message, string? exceptId)
    {
        lock (_lock)
        {
            foreach (var member in _members)
            {
                if (member.Id != exceptId)
                    member.Post(message);
            }
        }
    }

    /// <summary>Subscribes to what other processes send, if that has not been done.</summary>
    /// <exception cref="HttpStateStoreException">The store is away.</exception>
    public async ValueTask OpenAsync(IHttpStateStore store, string key, CancellationToken cancellationToken)
    {
        await _subscribing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The last one may have left since; who waits here has then left too.
            if (!IsClosed)
                _subscription ??= await store.SubscribeAsync(key, Receive, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _subscribing.Release();
        }
    }

    /// <summary>Ends the subscription.</summary>
    public async ValueTask DisposeAsync()
    {
        await _subscribing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_subscription is { } subscription)
                await subscription.DisposeAsync().ConfigureAwait(false);
            _subscription = null;
        }
        finally
        {
            _subscribing.Release();
        }
    }

    private ValueTask Receive(ReadOnlyMemory<byte> message)
    {
        if (ChannelMessage.TryRead(message, out var read, out var exceptId))
            Tell(read, exceptId);
        return default;
    }
}
