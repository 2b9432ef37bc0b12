using Http.Server.Admission;

namespace Http.Server;

/// <summary>
/// Holds the requests of a handler, or of a part of a site, to a <see cref="RateLimit"/>. One object counts for all connections;
/// at most 32,768 clients are remembered. A limit for all requests of a server is <see cref="HttpServerOptions.RateLimit"/>.
/// </summary>
public sealed class RateLimiter
{
    private readonly ClientLimiter _clients;

    /// <summary>Begins to count.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public RateLimiter(RateLimit limit, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(limit);
        Limit = limit;
        _clients = new ClientLimiter(limit, time ?? TimeProvider.System);
    }

    /// <summary>The limit.</summary>
    public RateLimit Limit { get; }

    /// <summary>Counts the request of a handler, and answers it with 429 where it is one too many.</summary>
    /// <param name="handler">Its request has not been answered.</param>
    /// <returns>False if the request has been answered.</returns>
    public bool TryTake(BaseHttpRequestHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var refusal = _clients.Take(handler.Connection, handler.ClientAddress, handler.RemoteUser);
        if (refusal is null)
            return true;
        handler.Refuse(refusal);
        return false;
    }
}
