using System.Net.Sockets;
using System.Security.Authentication;
using Http.Server.State;
using StackExchange.Redis;

namespace Http.Server.Redis;

/// <summary>
/// A store that servers share: Redis, Valkey, Garnet (with <c>--lua</c>) or what else speaks their protocol. An operation waits
/// for one second at the most. When the store has not answered, others fail at once for half a second, and then one asks again:
/// it comes back by itself, as do subscriptions.
/// </summary>
public sealed class RedisStateStore : IHttpStateStore
{
    /// <summary>The longest that an operation takes.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Longer is for ever: Redis takes no number of milliseconds beyond its own.</summary>
    private static readonly TimeSpan LongestExpiry = TimeSpan.FromDays(100 * 365);

    private readonly StateStoreAddress _address;
    private readonly ConnectionMultiplexer _connections;
    private readonly IDatabase _database;
    private readonly StoreCircuit _circuit = new(TimeProvider.System);

    /// <summary>Why the store was away when that was last found out; one that is being tried tells nothing yet.</summary>
    private volatile string _reason = "there is no connection";

    private RedisStateStore(StateStoreAddress address, ConnectionMultiplexer connections)
    {
        (_address, _connections, _database) = (address, connections, connections.GetDatabase());
        connections.ConnectionFailed += (_, failed) => NoteReason(failed.Exception);
    }

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <summary>
    /// Connects to a store, for a second at the most. One that is away is connected to when it comes: use the store to see.
    /// </summary>
    /// <param name="address">Where it is, and how names begin there.</param>
    public static async Task<IHttpStateStore> OpenAsync(StateStoreAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var connections = await ConnectionMultiplexer.ConnectAsync(OptionsOf(address)).ConfigureAwait(false);
        return new RedisStateStore(address, connections);
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken = default) =>
        AskAsync(key, async name => (byte[]?)await _database.StringGetAsync(name).ConfigureAwait(false), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask SetAsync(
        string key, ReadOnlyMemory<byte> value, TimeSpan? expiry = null, CancellationToken cancellationToken = default)
    {
        var kept = KeptFor(expiry);
        await AskAsync(key, name => kept is { } time
            ? _database.StringSetAsync(name, value, time)
            : _database.StringSetAsync(name, value), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> ExtendAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default)
    {
        var kept = KeptFor(expiry) ?? LongestExpiry;
        // Garnet answers nothing, rather than 0, where there is no such key.
        return AskAsync(key, async name => (int?)await _database.ExecuteAsync("PEXPIRE", (RedisKey)name,
            (long)kept.TotalMilliseconds).ConfigureAwait(false) == 1, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<long> IncrementAsync(
        string key, long by = 1, TimeSpan? expiry = null, CancellationToken cancellationToken = default)
    {
        var kept = KeptFor(expiry);
        try
        {
            return await AskAsync(key, name => kept is { } time
                ? BeginAndIncrementAsync(name, by, time)
                : _database.StringIncrementAsync(name, by), cancellationToken).ConfigureAwait(false);
        }
        catch (HttpStateStoreException exception) when (exception.InnerException is RedisServerException { Message: var said }
            && (said.StartsWith("ERR ", StringComparison.Ordinal) || said.StartsWith("WRONGTYPE ", StringComparison.Ordinal)))
        {
            throw new InvalidOperationException(
                $"The value of '{key}' is no whole number of 64 bits, or would be none: it cannot be counted up.", exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default) =>
        AskAsync(key, name => _database.KeyDeleteAsync(name), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> TryReplaceAsync(string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? value,
        TimeSpan? expiry = null, CancellationToken cancellationToken = default)
    {
        var kept = KeptFor(expiry);
        return AskAsync(key, name => ReplaceScript.TryReplaceAsync(_database, name, expected, value, kept), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<TimeSpan> TakeTokenAsync(
        string key, int count, TimeSpan period, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.FromSeconds(1));
        return AskAsync(key, name => TokenScript.TakeAsync(_database, name, count, period), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(
        string channel, ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) =>
        await AskAsync(channel, name => _connections.GetSubscriber().PublishAsync(RedisChannel.Literal(name), message),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <remarks>Where the store is away, the subscription begins when it is back.</remarks>
    public async ValueTask<HttpStateSubscription> SubscribeAsync(
        string channel, Func<ReadOnlyMemory<byte>, ValueTask> receive, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        cancellationToken.ThrowIfCancellationRequested();
        var listening = new ChannelListening(_connections.GetSubscriber(), RedisChannel.Literal(_address.Prefix + channel));
        var subscription = new HttpStateSubscription(receive, _ => listening.DisposeAsync());
        await listening.BeginAsync(subscription).WaitAsync(cancellationToken).ConfigureAwait(false);
        return subscription;
    }

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync() => await _connections.DisposeAsync().ConfigureAwait(false);

    private static ConfigurationOptions OptionsOf(StateStoreAddress address)
    {
        var patience = (int)Patience.TotalMilliseconds;
        var options = new ConfigurationOptions
        {
            // A server starts without its store, and is without it for a while, as it would be later.
            AbortOnConnectFail = false,
            BacklogPolicy = BacklogPolicy.FailFast,
            ConnectTimeout = patience,
            AsyncTimeout = patience,
            SyncTimeout = patience,
            ConnectRetry = 1,
            ReconnectRetryPolicy = new LinearRetry(250),
            ClientName = "httpserver",
            DefaultDatabase = address.Database,
            Ssl = address.UsesTls,
            User = address.User,
            Password = address.Password,
        };
        options.EndPoints.Add(address.Host, address.Port);
        return options;
    }

    private static TimeSpan? KeptFor(TimeSpan? expiry)
    {
        if (expiry is not { } time)
            return null;
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.FromMilliseconds(1), nameof(expiry));
        return time < LongestExpiry ? time : null;
    }

    /// <summary>Both in one step: a counter that begins gets its expiry, and no other one.</summary>
    private async Task<long> BeginAndIncrementAsync(string name, long by, TimeSpan expiry)
    {
        var both = _database.CreateTransaction();
        _ = both.StringSetAsync(name, 0, expiry, When.NotExists);
        var sum = both.StringIncrementAsync(name, by);
        await both.ExecuteAsync().ConfigureAwait(false);
        return await sum.ConfigureAwait(false);
    }

    /// <summary>Asks the store, in a bounded time.</summary>
    /// <param name="key">The name.</param>
    /// <param name="ask">Asks; it is given the name as the store has it.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    private async ValueTask<T> AskAsync<T>(string key, Func<string, Task<T>> ask, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        cancellationToken.ThrowIfCancellationRequested();
        if (!_circuit.TryEnter())
            throw Away(null);
        Task<T>? asked = null;
        try
        {
            asked = ask(_address.Prefix + key);
            var answer = await asked.WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
            _circuit.Close();
            return answer;
        }
        catch (RedisServerException exception)
        {
            _circuit.Close();
            throw new HttpStateStoreException($"The store {_address} refuses: {exception.Message}", exception);
        }
        catch (TimeoutException exception)
        {
            _circuit.Open();
            _ = asked?.ContinueWith(static late => _ = late.Exception, CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            _reason = $"it did not answer within {Patience.TotalSeconds} s";
            throw Away(exception);
        }
        catch (Exception exception) when (exception is RedisException or ObjectDisposedException)
        {
            _circuit.Open();
            NoteReason(exception);
            throw Away(exception);
        }
    }

    private void NoteReason(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure })
                _reason = "it wants another user or password than its address has";
            else if (exception is SocketException or AuthenticationException)
                _reason = exception.Message.TrimEnd('.');
        }
    }

    private HttpStateStoreException Away(Exception? exception) =>
        new($"The store {_address} is away: {_reason}. It is asked again by itself.", exception);
}
