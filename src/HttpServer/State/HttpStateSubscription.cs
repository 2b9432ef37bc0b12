using System.Threading.Channels;

namespace Http.Server.State;

/// <summary>
/// A subscription to a channel of a store: messages wait here for their receiver, so that it holds nobody up. Disposed of, it
/// delivers nothing more.
/// </summary>
public sealed class HttpStateSubscription : IAsyncDisposable
{
    /// <summary>Most messages that wait for the receiver; further ones are lost. 4,096: of 1 KB each they are 4 MB.</summary>
    public const int Capacity = 4096;

    private readonly Channel<byte[]> _messages = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(Capacity) { SingleReader = true });

    private readonly Func<ReadOnlyMemory<byte>, ValueTask> _receive;
    private readonly Func<HttpStateSubscription, ValueTask> _end;
    private long _lost;
    private int _isDisposed;

    /// <summary>Begins a subscription; for those who write a store.</summary>
    /// <param name="receive">What messages are delivered to.</param>
    /// <param name="end">Called once, when the subscription is disposed of: it takes it out of the store.</param>
    public HttpStateSubscription(
        Func<ReadOnlyMemory<byte>, ValueTask> receive, Func<HttpStateSubscription, ValueTask> end)
    {
        ArgumentNullException.ThrowIfNull(receive);
        ArgumentNullException.ThrowIfNull(end);
        (_receive, _end) = (receive, end);
        _ = Task.Run(DeliverAllAsync);
    }

    /// <summary>Messages that were not delivered, because too many waited, or the receiver failed.</summary>
    public long LostCount => Interlocked.Read(ref _lost);

    /// <summary>Gives a message to the receiver, without waiting for it; for those who write a store.</summary>
    /// <param name="message">The message, which is not changed any more.</param>
    public void Deliver(byte[] message)
    {
        if (!_messages.Writer.TryWrite(message))
            Interlocked.Increment(ref _lost);
    }

    /// <summary>Ends the subscription. A receiver that is at work may still end its work.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _messages.Writer.TryComplete();
        await _end(this).ConfigureAwait(false);
    }

    private async Task DeliverAllAsync()
    {
        await foreach (var message in _messages.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (Volatile.Read(ref _isDisposed) != 0)
                return;
            try
            {
                await _receive(message).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // What a receiver throws is its own affair: the next message is delivered all the same.
                Interlocked.Increment(ref _lost);
            }
        }
    }
}
