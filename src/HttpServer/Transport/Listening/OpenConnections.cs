namespace Http.Server.Transport.Listening;

/// <summary>The connections of a server that are open, and what they and those before them have done.</summary>
internal sealed class OpenConnections
{
    private readonly HashSet<Connection> _connections = [];
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private long _lastNumber;
    private long _endedRequests;
    private long _endedErrors;
    private int _coming;
    private bool _isClosed;
    private bool _sparesFresh;

    /// <summary>Ends when no connection is open after <see cref="Close"/>.</summary>
    public Task AllEnded => _allEnded.Task;

    public int Count
    {
        get
        {
            lock (_lock)
                return _connections.Count;
        }
    }

    /// <summary>Connections since the server began.</summary>
    public long AddedCount
    {
        get
        {
            lock (_lock)
                return _lastNumber;
        }
    }

    /// <summary>Requests since the server began, running ones included.</summary>
    public long RequestCount
    {
        get
        {
            lock (_lock)
                return _endedRequests + _connections.Sum(static connection => (long)connection.RequestCount);
        }
    }

    /// <summary>Requests that are being answered now.</summary>
    public int ActiveRequestCount
    {
        get
        {
            lock (_lock)
                return _connections.Count(static connection => connection.IsAnswering);
        }
    }

    /// <summary>Answers with a status of 500 and above since the server began.</summary>
    public long ErrorCount
    {
        get
        {
            lock (_lock)
                return _endedErrors + _connections.Sum(static connection => (long)connection.ErrorCount);
        }
    }

    /// <summary>A connection has been accepted, and will be added or forgotten soon.</summary>
    public void Expect()
    {
        lock (_lock)
            _coming++;
    }

    /// <summary>An accepted connection is not added.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _coming--;
            EndIfEmpty();
        }
    }

    /// <summary>Adds a connection that was expected, and gives it its number.</summary>
    /// <returns>False after <see cref="Close"/>: it is to be closed.</returns>
    public bool TryAdd(Connection connection)
    {
        lock (_lock)
        {
            _coming--;
            connection.Number = ++_lastNumber;
            if (!_isClosed || _sparesFresh)
                return _connections.Add(connection);
            EndIfEmpty();
            return false;
        }
    }

    /// <summary>Removes a connection that has ended.</summary>
    public void Remove(Connection connection)
    {
        lock (_lock)
        {
            if (_connections.Remove(connection))
            {
                _endedRequests += connection.RequestCount;
                _endedErrors += connection.ErrorCount;
            }

            EndIfEmpty();
        }
    }

    /// <summary>Takes no more connections, and has each end as soon as it waits for a request.</summary>
    /// <param name="sparesFresh">
    /// Not those whose first request has not come: it is on its way, mostly, and the client could not tell whether it was seen.
    /// Called again without this, they end too.
    /// </param>
    public void Close(bool sparesFresh = false)
    {
        lock (_lock)
        {
            (_isClosed, _sparesFresh) = (true, sparesFresh);
            EndIfEmpty();
        }

        foreach (var connection in List())
        {
            if (!sparesFresh || connection.RequestCount > 0)
                connection.StopWhenIdle();
        }
    }

    /// <summary>Breaks all off.</summary>
    public void Abort()
    {
        foreach (var connection in List())
            connection.Abort();
    }

    /// <summary>Ends what has waited past its deadline.</summary>
    /// <param name="now">By the server's clock, in milliseconds.</param>
    public void CheckDeadlines(long now)
    {
        foreach (var connection in List())
            connection.CheckDeadlines(now);
    }

    /// <summary>Called with the lock held.</summary>
    private void EndIfEmpty()
    {
        if (_isClosed && _connections.Count == 0 && _coming == 0)
            _allEnded.TrySetResult();
    }

    private Connection[] List()
    {
        lock (_lock)
            return [.. _connections];
    }
}
