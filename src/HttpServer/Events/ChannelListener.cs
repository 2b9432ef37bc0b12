using System.Globalization;
using Http.Server.Transport;

namespace Http.Server.Events;

/// <summary>
/// One listener: where it stands in the row of events, and its connection. It has no queue, no thread and no timer. It sends
/// until it has caught up with the channel, and is woken when there is more.
/// </summary>
internal sealed class ChannelListener(IHandlerContext context, HttpEventChannelOptions options, string channel)
{
    private const int Idle = 0;
    private const int Sending = 1;
    private const int HasEnded = 2;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChannelEvent _sent = ChannelEvent.Begin();
    private int _state = Sending;
    private volatile bool _isEnding;
    private volatile bool _isFinishing;

    /// <summary>Ends when nothing is sent to it any more; with the exception that sending failed with.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Where it stands in its group; of the group.</summary>
    public int Place { get; set; } = -1;

    /// <summary>Tells where it begins, before anything else.</summary>
    public void StandAt(ChannelEvent sent) => _sent = sent;

    /// <summary>The head of the answer has been sent: events may follow.</summary>
    public void Begin() => Continue();

    /// <summary>Has it send what is new.</summary>
    /// <param name="newest">The newest event, by which one that is still sending may be too far behind.</param>
    public void Wake(ChannelEvent newest)
    {
        if (Interlocked.CompareExchange(ref _state, Sending, Idle) == Idle)
            Continue();
        else if (IsTooSlow(newest))
            Drop(newest);
    }

    /// <summary>Has it end when what it is sending has been sent.</summary>
    public void End()
    {
        _isEnding = true;
        if (Interlocked.CompareExchange(ref _state, Sending, Idle) == Idle)
            Continue();
    }

    /// <summary>Has it end when it has sent all that there is.</summary>
    public void Finish()
    {
        _isFinishing = true;
        if (Interlocked.CompareExchange(ref _state, Sending, Idle) == Idle)
            Continue();
    }

    private bool IsTooSlow(ChannelEvent newest)
    {
        var sent = Volatile.Read(ref _sent);
        return newest.Number - sent.Number > Math.Max(options.Backlog, options.BufferSize)
            || newest.Position - sent.Position > options.MaxBacklogBytes;
    }

    private void Drop(ChannelEvent newest)
    {
        if (_isEnding)
            return;
        _isEnding = true;
        context.Connection.Options.Log.Message(LogLevel.Information, null, string.Create(CultureInfo.InvariantCulture,
            $"A listener of {channel} was disconnected: it is {newest.Number - Volatile.Read(ref _sent).Number} events behind."));
        context.Connection.Abort();
    }

    private void Continue()
    {
        do
        {
            while (!_isEnding && _sent.Next is { } next)
            {
                Volatile.Write(ref _sent, next);
                var sending = context.Connection.Response.WriteChunkAsync(next.Chunk, next.Start, next.Length);
                if (!sending.IsCompletedSuccessfully)
                {
                    _ = FinishAsync(sending);
                    return;
                }
            }

            if (_isEnding || (_isFinishing && _sent.Next is null))
            {
                Volatile.Write(ref _state, HasEnded);
                _ended.TrySetResult();
                return;
            }

            Interlocked.Exchange(ref _state, Idle);
            // What came before it was idle has woken nobody.
        }
        while ((_isEnding || _isFinishing || _sent.Next is not null)
            && Interlocked.CompareExchange(ref _state, Sending, Idle) == Idle);
    }

    private async Task FinishAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _state, HasEnded);
            _ended.TrySetException(exception);
            return;
        }

        Continue();
    }
}
