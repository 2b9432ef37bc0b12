using System.Globalization;
using System.Net.WebSockets;

namespace Http.Server.WebSockets;

/// <summary>
/// What waits to be sent to one client. Who sends does not wait: a thread of the pool sends while there is something, and none is
/// held while the client takes its time.
/// </summary>
internal sealed class SendQueue(WebSocketLink link, HttpWebSocketOptions options) : IThreadPoolWorkItem
{
    /// <summary>A shorter message is not worth the time that compressing takes, in bytes.</summary>
    private const int WorthCompressing = 1024;

    private readonly Lock _lock = new();
    private readonly Queue<OutgoingMessage> _waiting = [];
    private TaskCompletionSource? _empty;
    private (int Code, string Reason)? _close;
    private long _bytes;
    private bool _isSending;
    private bool _hasEnded;

    /// <summary>Whether something may be added.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
                return !_hasEnded && _close is null;
        }
    }

    /// <summary>Adds a message. The caller may hold a lock: nothing is done here but that.</summary>
    /// <returns>False if nothing is sent any more, or because of this one: the client is too far behind.</returns>
    public bool TryAdd(in OutgoingMessage message)
    {
        lock (_lock)
        {
            if (_hasEnded || _close is not null)
                return false;
            var behind = _waiting.Count;
            if (behind > 0 && (behind >= options.Backlog || _bytes + message.Bytes.Length > options.MaxBacklogBytes))
            {
                _hasEnded = true;
                ThreadPool.UnsafeQueueUserWorkItem(_ => Drop(behind), null);
                return false;
            }

            _waiting.Enqueue(message);
            _bytes += message.Bytes.Length;
            if (!_isSending)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            _isSending = true;
            return true;
        }
    }

    /// <summary>Says goodbye when all that waits has been sent; nothing is added any more.</summary>
    public void Close(int code, string reason)
    {
        lock (_lock)
        {
            if (_hasEnded || _close is not null)
                return;
            _close = (code, reason);
            if (_isSending)
                return;
            _isSending = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Nothing can be sent any more: what waits is dropped.</summary>
    public void End()
    {
        lock (_lock)
            _hasEnded = true;
        DropAll();
    }

    /// <summary>Ends when nothing waits to be sent, or can be.</summary>
    public Task WaitUntilEmptyAsync()
    {
        lock (_lock)
        {
            if (!_isSending || _hasEnded || _close is not null)
                return Task.CompletedTask;
            return (_empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void Execute() => _ = SendAllAsync();

    private async Task SendAllAsync()
    {
        try
        {
            while (TryTake(out var message))
            {
                await SendAsync(message).ConfigureAwait(false);
                message.Sent?.TrySetResult(true);
            }

            if (_close is { } close)
                await link.CloseAsync(close.Code, close.Reason).ConfigureAwait(false);
        }
        catch (Exception exception) when (WebSocketLink.IsOfClient(exception))
        {
            // Who reads learns of it.
            End();
        }
    }

    private async ValueTask SendAsync(OutgoingMessage message)
    {
        try
        {
            await link.Socket.SendAsync(
                message.Bytes, message.IsText ? WebSocketMessageType.Text : WebSocketMessageType.Binary,
                WebSocketMessageFlags.EndOfMessage
                    | (message.Bytes.Length < WorthCompressing ? WebSocketMessageFlags.DisableCompression : 0),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            message.Sent?.TrySetResult(false);
            throw;
        }
    }

    private bool TryTake(out OutgoingMessage message)
    {
        lock (_lock)
        {
            if (!_hasEnded && _waiting.TryDequeue(out message))
            {
                _bytes -= message.Bytes.Length;
                return true;
            }

            message = default;
            // After a close nothing begins anew.
            _isSending = _close is not null;
            _empty?.TrySetResult();
            _empty = null;
            return false;
        }
    }

    private void Drop(int behind)
    {
        link.Lose(string.Create(CultureInfo.InvariantCulture, $"it is {behind} messages behind"));
        DropAll();
    }

    private void DropAll()
    {
        OutgoingMessage[] dropped;
        lock (_lock)
        {
            dropped = [.. _waiting];
            _waiting.Clear();
            _empty?.TrySetResult();
            _empty = null;
        }

        foreach (var message in dropped)
            message.Sent?.TrySetResult(false);
    }
}
