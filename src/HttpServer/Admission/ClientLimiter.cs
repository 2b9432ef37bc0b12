using System.Net;
using System.Text;
using Http.Server.Authentication;
using Http.Server.Headers;
using Http.Server.Resources;
using Http.Server.Transport;

namespace Http.Server.Admission;

/// <summary>
/// Holds clients to a limit, told apart as the limit says: those of this process, or with a store that replicas share those
/// of all of them.
/// </summary>
internal sealed class ClientLimiter
{
    private readonly RateLimit _limit;
    private readonly TokenBuckets _buckets;
    private readonly KeyedDigest _digest = new();
    private readonly byte[]? _header;
    private readonly SharedBuckets? _shared;

    /// <param name="limit">The limit.</param>
    /// <param name="name">What replicas know it by; null for one that each of them counts for itself.</param>
    /// <param name="options">Those of the server.</param>
    public ClientLimiter(RateLimit limit, string? name, HttpServerOptions options)
    {
        _limit = limit;
        _buckets = new TokenBuckets(limit.Count, limit.Period, options.TimeProvider);
        _header = limit.KeyHeader is { } header ? Encoding.ASCII.GetBytes(header) : null;
        if (name is not null && options.StateStore is { IsShared: true } store)
            _shared = new SharedBuckets(store, limit, name, options.Log);
    }

    /// <summary>Users have to be known before a request is counted.</summary>
    public bool IsByUser => _limit.IsByUser;

    /// <summary>Replicas count together: a store is asked, which has to be waited for.</summary>
    public bool IsShared => _shared is not null;

    /// <summary>Counts a request in this process.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="client">The client, as trusted proxies name it.</param>
    /// <param name="user">The user who was authenticated; null if there is none.</param>
    /// <returns>Null if the request may go on.</returns>
    public Refusal? Take(Connection connection, EndPoint client, string? user)
    {
        var key = IsByHeader(connection, out var value) ? _digest.Of(value)
            : IsByUser && user is not null ? _digest.Of(user)
            : ClientNetwork.Of(client).Value;
        return RefusalOf(_buckets.Take(key));
    }

    /// <summary>Counts a request where replicas count together; while their store is away, in this process.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="client">The client, as trusted proxies name it.</param>
    /// <param name="user">The user who was authenticated; null if there is none.</param>
    /// <returns>Null if the request may go on.</returns>
    public async ValueTask<Refusal?> TakeAsync(Connection connection, EndPoint client, string? user)
    {
        if (_shared is null)
            return Take(connection, client, user);
        var key = IsByHeader(connection, out var value) ? SharedBuckets.KeyOf("header", value)
            : IsByUser && user is not null ? SharedBuckets.KeyOf("user", Encoding.UTF8.GetBytes(user))
            : SharedBuckets.KeyOf(ClientNetwork.Of(client));
        return await _shared.TryTakeAsync(key).ConfigureAwait(false) is { } wait
            ? RefusalOf(wait)
            : Take(connection, client, user);
    }

    private Refusal? RefusalOf(TimeSpan wait)
    {
        if (wait == TimeSpan.Zero)
            return null;
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        return new Refusal(429, $"More requests came than the {_limit} that are answered here.", Math.Max(seconds, 1));
    }

    private bool IsByHeader(Connection connection, out ReadOnlySpan<byte> value)
    {
        value = _header is null
            ? default
            : RepeatedField.Read(connection.Input.Head, connection.Input.HeadBytes, _header);
        return !value.IsEmpty;
    }
}
