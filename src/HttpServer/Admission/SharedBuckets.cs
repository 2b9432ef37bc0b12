using System.Globalization;
using System.Security.Cryptography;
using Http.Server.Authentication;
using Http.Server.State;

namespace Http.Server.Admission;

/// <summary>
/// The buckets of a limit in a store that replicas share. The log is told when the store goes away and comes back.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="limit">The limit.</param>
/// <param name="name">What replicas know the limit by.</param>
/// <param name="log">The server's log.</param>
internal sealed class SharedBuckets(IHttpStateStore store, RateLimit limit, string name, IHttpLog log)
{
    /// <summary>Bytes of a digest that are kept: a client cannot find a value that counts for another's.</summary>
    private const int DigestLength = 16;

    // Another limit of the same name begins with full buckets.
    private readonly string _prefix = $"rate:{name}:{limit}:";

    private int _isAway;

    /// <summary>
    /// A name for a client that it does not give away: the store is not told users and keys. It is the same in each replica.
    /// </summary>
    public static string KeyOf(string kind, ReadOnlySpan<byte> value)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(value, digest);
        return $"{kind}:{Convert.ToHexStringLower(digest[..DigestLength])}";
    }

    /// <summary>A name for a client that is told apart by its address.</summary>
    public static string KeyOf(ClientNetwork network) => network.Value.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Takes a token.</summary>
    /// <returns>The time until there will be one, zero if it was taken; null if the store is away.</returns>
    public async ValueTask<TimeSpan?> TryTakeAsync(string key)
    {
        try
        {
            var wait = await store.TakeTokenAsync(_prefix + key, limit.Count, limit.Period).ConfigureAwait(false);
            if (Volatile.Read(ref _isAway) != 0 && Interlocked.Exchange(ref _isAway, 0) != 0)
                log.Message(LogLevel.Information, null, $"The limit {limit} is counted with the other servers again.");
            return wait;
        }
        catch (HttpStateStoreException exception)
        {
            if (Interlocked.Exchange(ref _isAway, 1) == 0)
                log.Message(LogLevel.Warning, null,
                    $"The limit {limit} is counted by this server alone until its store is back. {exception.Message}");
            return null;
        }
    }
}
