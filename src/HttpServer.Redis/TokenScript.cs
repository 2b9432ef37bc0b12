using StackExchange.Redis;

namespace Http.Server.Redis;

/// <summary>
/// Takes a token in one step of the store, by the store's clock, so that neither races nor differing clocks of servers matter. A
/// bucket is the microsecond at which it is full again, and is kept until then.
/// </summary>
internal static class TokenScript
{
    private const double MicrosecondsPerSecond = 1_000_000;

    private const string Text = """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local fill = tonumber(ARGV[1])
        local full = tonumber(redis.call('GET', KEYS[1]) or 0)
        if full < now then full = now end
        full = full + tonumber(ARGV[2])
        local wait = full - now - fill
        if wait > 0 then return wait end
        redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
        return 0
        """;

    /// <summary>Takes a token.</summary>
    /// <returns>Zero, or the time until there will be one.</returns>
    public static async Task<TimeSpan> TakeAsync(IDatabase database, RedisKey key, int count, TimeSpan period)
    {
        var fill = (long)(period.TotalSeconds * MicrosecondsPerSecond);
        var wait = (long)await database.ScriptEvaluateAsync(Text, [key], [fill, fill / count]).ConfigureAwait(false);
        return TimeSpan.FromMicroseconds(wait);
    }
}
