using StackExchange.Redis;

namespace Http.Server.Redis;

/// <summary>Replaces a value if it is still the one that the caller knows, in one step of the store.</summary>
internal static class ReplaceScript
{
    /// <summary>A lifetime of 0 is for ever, and one below 0 removes. What is not there is false.</summary>
    private const string Text = """
        local now = redis.call('GET', KEYS[1])
        if ARGV[1] == '' then
            if now then return 0 end
        elseif now ~= ARGV[2] then
            return 0
        end
        local life = tonumber(ARGV[4])
        if life < 0 then
            redis.call('DEL', KEYS[1])
        elseif life == 0 then
            redis.call('SET', KEYS[1], ARGV[3])
        else
            redis.call('SET', KEYS[1], ARGV[3], 'PX', life)
        end
        return 1
        """;

    /// <summary>Replaces the value.</summary>
    /// <param name="database">The store.</param>
    /// <param name="key">The value's name.</param>
    /// <param name="expected">What is to be there; null for nothing.</param>
    /// <param name="value">What takes its place; null for nothing.</param>
    /// <param name="expiry">The time for which it is kept; null for ever.</param>
    /// <returns>False if something else was there.</returns>
    public static async Task<bool> TryReplaceAsync(
        IDatabase database, RedisKey key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? value, TimeSpan? expiry)
    {
        var life = value is null ? -1 : expiry is { } time ? (long)time.TotalMilliseconds : 0;
        RedisValue[] arguments = [expected is null ? "" : "1", expected ?? default, value ?? default, life];
        return (long)await database.ScriptEvaluateAsync(Text, [key], arguments).ConfigureAwait(false) == 1;
    }
}
