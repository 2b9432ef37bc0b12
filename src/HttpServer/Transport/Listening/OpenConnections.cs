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
    private bool _isClosed;

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

    /// <summary>Adds a connection and gives it its number.</summary>
    /// <returns>False after <see cref="Close"/>: it is to be closed.</returns>
    public bool TryAdd(Connection connection)
    {
        lock (_lock)
        {
            connection.Number = ++_lastNumber;
            return !_isClosed && _connections.Add(connection);
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

            if (_isClosed && _connections.Count == 0)
                _allEnded.TrySetResult();
        }
    }

    /// <summary>Takes no more connections, and has each end as soon as it waits for a request.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            if (_connections.Count == 0)
                _allEnded.TrySetResult();
        }

        foreach (var connection in List())
            connection.StopWhenIdle();
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

    private Connection[] List()
    {
        lock (_lock)
            return [.. _connections];
    }
}
