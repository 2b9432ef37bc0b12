using System.Net;
using System.Text;
using Http.Server.Authentication;
using Http.Server.Headers;
using Http.Server.Resources;
using Http.Server.Transport;

namespace Http.Server.Admission;

/// <summary>Holds clients to a limit, told apart as the limit says.</summary>
internal sealed class ClientLimiter(RateLimit limit, TimeProvider time)
{
    private readonly TokenBuckets _buckets = new(limit.Count, limit.Period, time);
    private readonly KeyedDigest _digest = new();
    private readonly byte[]? _header = limit.KeyHeader is { } header ? Encoding.ASCII.GetBytes(header) : null;

    /// <summary>Users have to be known before a request is counted.</summary>
    public bool IsByUser { get; } = limit.IsByUser;

    /// <summary>Counts a request.</summary>
    /// <param name="connection">Its connection.</param>
    /// <param name="client">The client, as trusted proxies name it.</param>
    /// <param name="user">The user who was authenticated; null if there is none.</param>
    /// <returns>Null if the request may go on.</returns>
    public Refusal? Take(Connection connection, EndPoint client, string? user)
    {
        var wait = _buckets.Take(FindKey(connection, client, user));
        if (wait == TimeSpan.Zero)
            return null;
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        return new Refusal(429, $"More requests came than the {limit} that are answered here.", Math.Max(seconds, 1));
    }

    private UInt128 FindKey(Connection connection, EndPoint client, string? user)
    {
        if (_header is not null
            && RepeatedField.Read(connection.Input.Head, connection.Input.HeadBytes, _header) is { IsEmpty: false } value)
            return _digest.Of(value);
        return IsByUser && user is not null ? _digest.Of(user) : ClientNetwork.Of(client).Value;
    }
}
