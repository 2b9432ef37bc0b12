using Http.Server.State;
using StackExchange.Redis;

namespace Http.Server.Redis;

/// <summary>Listens to a channel of the store, from when the store is there.</summary>
/// <param name="subscriber">The connection for messages.</param>
/// <param name="channel">The channel as the store has it.</param>
internal sealed class ChannelListening(ISubscriber subscriber, RedisChannel channel) : IAsyncDisposable
{
    /// <summary>Between two tries to begin.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _ended = new();
    private ChannelMessageQueue? _queue;

    /// <summary>Begins; where the store is away, it goes on trying after this has completed.</summary>
    public async Task BeginAsync(HttpStateSubscription subscription)
    {
        if (!await TryBeginAsync(subscription).ConfigureAwait(false))
            _ = KeepTryingAsync(subscription);
    }

    /// <summary>Ends the listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        if (Interlocked.Exchange(ref _queue, null) is { } queue)
            await UnsubscribeAsync(queue).ConfigureAwait(false);
    }

    private static async Task UnsubscribeAsync(ChannelMessageQueue queue)
    {
        try
        {
            await queue.UnsubscribeAsync().WaitAsync(RedisStateStore.Patience).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The store is away, and forgets a subscription with its connection.
        }
    }

    private async Task KeepTryingAsync(HttpStateSubscription subscription)
    {
        using var timer = new PeriodicTimer(Pause);
        try
        {
            while (await timer.WaitForNextTickAsync(_ended.Token).ConfigureAwait(false))
            {
                if (await TryBeginAsync(subscription).ConfigureAwait(false))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended before it began.
        }
    }

    private async Task<bool> TryBeginAsync(HttpStateSubscription subscription)
    {
        try
        {
            var queue = await subscriber.SubscribeAsync(channel).WaitAsync(RedisStateStore.Patience).ConfigureAwait(false);
            queue.OnMessage(message => subscription.Deliver((byte[])message.Message!));
            _queue = queue;
            if (_ended.IsCancellationRequested && Interlocked.Exchange(ref _queue, null) is { } late)
                await UnsubscribeAsync(late).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
        catch (ObjectDisposedException)
        {
            // The store has been closed: nothing is to come.
            return true;
        }
    }
}
