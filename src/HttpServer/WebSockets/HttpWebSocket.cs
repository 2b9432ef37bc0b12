using System.Net;
using System.Security.Cryptography;
using System.Text;
using Http.Server.State;
using Http.Server.Transport;
using Http.Server.WebSockets.Frames;

namespace Http.Server.WebSockets;

/// <summary>
/// A WebSocket (RFC 6455) whose messages an <see cref="IHttpWebSocketHandler"/> answers. Its members may be called from any
/// thread.
/// </summary>
public sealed class HttpWebSocket
{
    private readonly Connection _connection;
    private readonly HttpWebSocketOptions _options;
    private readonly WebSocketRequest _request;
    private readonly WebSocketLink _link;
    private readonly SendQueue _queue;
    private readonly Lock _lock = new();
    private readonly List<(HttpWebSocketChannels Channels, string Name)> _memberships = [];
    private (int Code, string Reason)? _endAfterCall;
    private bool _isCalling;
    private bool _hasEnded;

    internal HttpWebSocket(
        Connection connection, WebSocketTerms terms, HttpWebSocketOptions options, WebSocketRequest request)
    {
        (_connection, _options, _request) = (connection, options, request);
        _link = new WebSocketLink(connection, terms, options, request.Client, EndSoon);
        _queue = new SendQueue(_link, options);
        _link.BeforeRefusal = SendRestAsync;
        SubProtocol = terms.SubProtocol;
    }

    /// <summary>Names the WebSocket: 16 hexadecimal digits that no other one has, in whatever process.</summary>
    public string Id { get; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Names in the log the request that it began with.</summary>
    public string RequestId => _request.Id;

    /// <summary>What that request asked for, with its query, as it was sent.</summary>
    public string Path => _request.Path;

    /// <summary>The header fields of that request.</summary>
    public HttpHeaders Headers => _request.Headers;

    /// <summary>The client.</summary>
    public EndPoint ClientAddress => _request.Address;

    /// <summary>The user; null if nobody was asked to log in.</summary>
    public HttpUser? User => _request.User;

    /// <summary>The subprotocol that was agreed on; null for none.</summary>
    public string? SubProtocol { get; }

    /// <summary>Whether something can be sent: neither side has said goodbye, as far as is known.</summary>
    public bool IsOpen => _queue.IsOpen;

    /// <summary>For the program that uses it. Default null.</summary>
    public object? State { get; set; }

    /// <summary>The channels that it is in now.</summary>
    public IReadOnlyList<string> GetChannels()
    {
        lock (_lock)
            return [.. _memberships.Select(static membership => membership.Name)];
    }

    /// <summary>Sends a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>
    /// Ends when the client's connection has taken it: who waits for it goes no faster than the client. False if it cannot be
    /// sent any more; a client that is too far behind is disconnected (<see cref="HttpWebSocketOptions.Backlog"/>).
    /// </returns>
    public ValueTask<bool> SendAsync(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SendAsync(Encoding.UTF8.GetBytes(text), isText: true);
    }

    /// <summary>Sends bytes, which may not be changed before they have been sent.</summary>
    /// <inheritdoc cref="SendAsync(string)"/>
    public ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes) => SendAsync(bytes, isText: false);

    /// <summary>Has a text sent, and does not wait for it.</summary>
    /// <param name="text">The text.</param>
    /// <returns>False if it cannot be sent any more, as with <see cref="SendAsync(string)"/>.</returns>
    public bool Post(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Post(new OutgoingMessage(Encoding.UTF8.GetBytes(text), IsText: true));
    }

    /// <summary>Has bytes sent, which may not be changed, and does not wait for it.</summary>
    /// <inheritdoc cref="Post(string)"/>
    public bool Post(ReadOnlyMemory<byte> bytes) => Post(new OutgoingMessage(bytes, IsText: false));

    /// <summary>Waits until all that was to be sent has been taken by the client's connection, or cannot be any more.</summary>
    public Task FlushAsync() => _queue.WaitUntilEmptyAsync();

    /// <summary>
    /// Says goodbye when all that waits has been sent; messages of the client are not looked at any more. Nothing happens if it
    /// has ended, or is about to. For the client's own goodbye it waits five seconds.
    /// </summary>
    /// <param name="code">The status: 1000 to 1003, 1007 to 1014, or one of the program's own, 3000 to 4999.</param>
    /// <param name="reason">What else there is to say: up to 123 bytes in UTF-8.</param>
    /// <exception cref="ArgumentException">The status may not be sent, or the reason is too long.</exception>
    public void Close(int code = CloseCode.Normal, string reason = "")
    {
        ArgumentNullException.ThrowIfNull(reason);
        CloseCode.Check(code, reason);
        _queue.Close(code, reason);
    }

    /// <summary>Cuts the connection, without a goodbye.</summary>
    public void Abort() => _link.Lose("the program has cut it");

    internal bool Post(in OutgoingMessage message) => _queue.TryAdd(message);

    /// <summary>Notes that it is in a channel.</summary>
    /// <returns>False if it has ended.</returns>
    /// <exception cref="InvalidOperationException">It is in as many as it may be.</exception>
    internal bool TryEnter(HttpWebSocketChannels channels, string name)
    {
        lock (_lock)
        {
            if (_hasEnded)
                return false;
            if (_memberships.Count >= _options.MaxChannels)
                throw new InvalidOperationException(
                    $"A WebSocket is in {_options.MaxChannels} channels at most. Have it leave one, or give MaxChannels.");
            _memberships.Add((channels, name));
            return true;
        }
    }

    internal void Exit(HttpWebSocketChannels channels, string name)
    {
        lock (_lock)
            _memberships.Remove((channels, name));
    }

    /// <summary>Serves it to its end.</summary>
    internal async ValueTask ServeAsync(IHttpWebSocketHandler handler)
    {
        _connection.SwitchTo(_link);
        var isOpened = await TryCallAsync(() => handler.OpenAsync(this)).ConfigureAwait(false);
        var failure = await ReceiveAllAsync(handler).ConfigureAwait(false);
        LeaveAll();
        await SendRestAsync().ConfigureAwait(false);
        _queue.End();
        var close = await _link.FinishAsync(failure).ConfigureAwait(false);
        if (isOpened)
            await TryCallAsync(() => handler.CloseAsync(this, close)).ConfigureAwait(false);
    }

    /// <summary>What messages were answered before the client's last one is sent, if it takes that within its time.</summary>
    private Task SendRestAsync()
    {
        _link.LimitClosing();
        return _queue.WaitUntilEmptyAsync();
    }

    private async ValueTask<Exception?> ReceiveAllAsync(IHttpWebSocketHandler handler)
    {
        var receiver = new MessageReceiver(_link.Socket, _options.MaxMessageSize);
        try
        {
            while (await receiver.ReceiveAsync().ConfigureAwait(false) is { } message)
            {
                if (IsOpen)
                    await TryCallAsync(() => handler.ReceiveAsync(this, message)).ConfigureAwait(false);
            }

            return null;
        }
        catch (Exception exception) when (WebSocketLink.IsOfClient(exception))
        {
            return exception;
        }
        finally
        {
            receiver.Release();
        }
    }

    private ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes, bool isText)
    {
        var sent = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        return Post(new OutgoingMessage(bytes, isText, sent)) ? new(sent.Task) : new(false);
    }

    private async ValueTask<bool> TryCallAsync(Func<ValueTask> call)
    {
        lock (_lock)
            _isCalling = true;
        try
        {
            await call().ConfigureAwait(false);
            return true;
        }
        catch (Exception exception)
        {
            Report(exception);
            return false;
        }
        finally
        {
            (int Code, string Reason)? end;
            lock (_lock)
            {
                _isCalling = false;
                end = _endAfterCall;
            }

            if (end is { } later)
                Close(later.Code, later.Reason);
        }
    }

    /// <summary>What a call throws ends the WebSocket; the status is what the answer to a request would have been.</summary>
    private void Report(Exception exception)
    {
        switch (exception)
        {
            case RequestFaultException { Status: < 500 } fault:
                Close(CloseCode.PolicyViolation, CloseCode.ShortenReason(fault.Message + "."));
                break;
            case RequestFaultException { Status: 503 } fault:
                Close(CloseCode.TryAgainLater, CloseCode.ShortenReason(fault.Message + "."));
                break;
            case RequestFaultException:
                Close(CloseCode.InternalError);
                break;
            case HttpStateStoreException:
                _connection.Options.Log.Message(LogLevel.Warning, _request.Client, $"\"{Path}\": {exception.Message}");
                Close(CloseCode.TryAgainLater);
                break;
            default:
                _connection.RecordError();
                _connection.Options.Log.Fault(
                    _request.Client, RequestId, $"{_request.LogName} failed at the WebSocket \"{Path}\"", exception);
                Close(CloseCode.InternalError);
                break;
        }
    }

    /// <summary>The server ends, or the client has had its time. A message that is at work is still answered.</summary>
    private void EndSoon(int code, string reason)
    {
        lock (_lock)
        {
            if (_isCalling)
            {
                _endAfterCall ??= (code, reason);
                return;
            }
        }

        Close(code, reason);
    }

    private void LeaveAll()
    {
        (HttpWebSocketChannels Channels, string Name)[] memberships;
        lock (_lock)
        {
            _hasEnded = true;
            memberships = [.. _memberships];
        }

        foreach (var (channels, name) in memberships)
            channels.Leave(this, name);
    }
}
