using System.Globalization;
using System.Net.WebSockets;
using Http.Server.Transport;
using Http.Server.Transport.Switching;
using Http.Server.WebSockets.Frames;

namespace Http.Server.WebSockets;

/// <summary>
/// A WebSocket and the connection below it: pings, the times that a client is waited for, and the goodbye.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001",
    Justification = "FinishAsync, which ends each WebSocket, disposes of the engine and releases the stream.")]
internal sealed class WebSocketLink : ISwitchedProtocol
{
    /// <summary>The time for the client's answer to a close, in milliseconds.</summary>
    private const int CloseTime = 5000;

    /// <summary>The same at the end of the server, which is not to wait for clients that have fallen asleep.</summary>
    private const int LastCloseTime = 1000;

    private readonly Connection _connection;
    private readonly HttpWebSocketOptions _options;
    private readonly FrameStream _stream;
    private readonly FrameGate _gate;
    private readonly string _client;
    private readonly Action<int, string> _end;
    private long _closeBy = long.MaxValue;
    private long _pingedAt;
    private long _keptAt;
    private int _closeTime = CloseTime;
    private int _isClosing;
    private string _closeReason = "";
    private string _lostBecause = "";

    /// <param name="connection">The connection, whose handshake has been answered.</param>
    /// <param name="terms">What was agreed on.</param>
    /// <param name="options">What is granted.</param>
    /// <param name="client">The client, for the log.</param>
    /// <param name="end">Called on any thread to end the WebSocket in order, with a status and a reason.</param>
    public WebSocketLink(
        Connection connection, WebSocketTerms terms, HttpWebSocketOptions options, string client, Action<int, string> end)
    {
        (_connection, _options, _client, _end) = (connection, options, client, end);
        _keptAt = connection.Clock.Milliseconds;
        var rate = options.MessageRate is { } limit ? new MessageRate(limit, connection.Clock) : null;
        _gate = new FrameGate(options.MaxMessageSize, terms.Deflate is not null, rate);
        _stream = new FrameStream(connection, _gate);
        // The engine sends no pings: the stream does.
        Socket = WebSocket.CreateFromStream(_stream, new WebSocketCreationOptions
        {
            IsServer = true,
            SubProtocol = terms.SubProtocol,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            DangerousDeflateOptions = terms.Deflate,
        });
    }

    /// <summary>Waited for before a client is refused; null for nothing.</summary>
    public Func<Task>? BeforeRefusal { set => _stream.BeforeRefusal = value; }

    /// <summary>The engine.</summary>
    public WebSocket Socket { get; }

    /// <summary>This side has said goodbye, or is about to.</summary>
    public bool IsClosing => Volatile.Read(ref _isClosing) != 0;

    /// <summary>The client has broken the protocol or a limit, or is gone.</summary>
    public bool HasFailed => _stream.Fault is not null || _stream.SentClose != 0 || _stream.HasEnded || _connection.IsBroken;

    /// <inheritdoc/>
    public void EndSoon()
    {
        Volatile.Write(ref _closeTime, LastCloseTime);
        if (IsClosing)
            LimitClosing();
        _end(CloseCode.GoingAway, "The server ends.");
    }

    /// <inheritdoc/>
    public void Check(long now)
    {
        var (reading, isStuck) = (_stream.ReadingSince, IsStuck(now));
        var pingInterval = (long)_options.PingInterval.TotalMilliseconds;
        var pingTimeout = (long)_options.PingTimeout.TotalMilliseconds;
        // A handler that reads by itself may have said goodbye by itself.
        if (_stream.SentClose != 0 && Interlocked.Exchange(ref _isClosing, 1) == 0)
            LimitClosing();
        if (isStuck)
            Lose("the client takes nothing");
        else if (now >= Volatile.Read(ref _closeBy))
            GiveUp();
        else if (!IsClosing && reading != 0)
            CheckSilence(now, reading, pingInterval, pingTimeout);
        else if (!IsClosing && pingInterval != 0 && now - _keptAt >= pingInterval && _stream.TryPing())
            // A proxy waits no longer because a message takes its time.
            _keptAt = now;
    }

    /// <summary>Begins the goodbye: sends a close. The first one counts.</summary>
    public async Task CloseAsync(int code, string reason)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0)
            return;
        _closeReason = reason;
        LimitClosing();
        await TrySendCloseAsync(code, reason).ConfigureAwait(false);
    }

    /// <summary>From now on the client has a while to take what waits for it, and to say goodbye.</summary>
    public void LimitClosing() =>
        Volatile.Write(ref _closeBy, _connection.Clock.Milliseconds + Volatile.Read(ref _closeTime));

    /// <summary>Cuts the connection.</summary>
    /// <param name="reason">Why, as the end of a sentence.</param>
    public void Lose(string reason)
    {
        _lostBecause = reason;
        _connection.Options.Log.Message(LogLevel.Information, _client, $"A WebSocket was disconnected: {reason}.");
        _connection.Abort();
    }

    /// <summary>Reads and drops what comes until the client says goodbye.</summary>
    /// <returns>What reading failed with; null if it did not.</returns>
    public async ValueTask<Exception?> AwaitCloseAsync()
    {
        var buffer = new byte[256];
        try
        {
            while (Socket.State is WebSocketState.Open or WebSocketState.CloseSent)
                await Socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (IsOfClient(exception))
        {
            return exception;
        }
    }

    /// <summary>Whether an exception is one that reading or writing ends with, by the client's doing.</summary>
    public static bool IsOfClient(Exception exception) => exception is WebSocketException or WebSocketFault or IOException
        or OperationCanceledException || ExpectedFaults.IsConnectionEnd(exception);

    /// <summary>Ends the WebSocket when nothing more is read, and says how it has ended.</summary>
    /// <param name="failure">What reading failed with; null after a close of the client.</param>
    public async ValueTask<HttpWebSocketClose> FinishAsync(Exception? failure)
    {
        var close = FindClose(failure);
        Interlocked.Exchange(ref _isClosing, 1);
        LimitClosing();
        if (CloseCode.IsSendable(close.Code))
            await TrySendCloseAsync(close.Code, failure is null ? "" : close.Reason).ConfigureAwait(false);
        else if (failure is null)
            await TrySendCloseAsync(CloseCode.Normal, "").ConfigureAwait(false);
        Socket.Dispose();
        _stream.Release();
        return close;
    }

    /// <summary>The client has had its time.</summary>
    private void GiveUp()
    {
        // What it has been sent it can still read, unless it reads nothing.
        if (_stream.Writing.Since != 0)
            Lose("the client takes nothing");
        else
            _connection.StopReading();
    }

    private HttpWebSocketClose FindClose(Exception? failure)
    {
        var sent = _stream.SentClose;
        if (IsClosing && sent != 0)
            return new HttpWebSocketClose(sent, _closeReason, IsByClient: false);
        if (failure is null)
            return new HttpWebSocketClose(
                _gate.HasCloseCode ? (int)Socket.CloseStatus!.Value : CloseCode.NoStatus,
                Socket.CloseStatusDescription ?? "", IsByClient: true);
        if (_stream.Fault is { } fault)
            return new HttpWebSocketClose(fault.Code, fault.Message, IsByClient: false);
        if (FindFault(failure) is { } own)
            return new HttpWebSocketClose(own.Code, own.Message, IsByClient: false);
        // The engine has found a text that is no UTF-8, or a close that is none, and has said so.
        if (sent != 0)
            return new HttpWebSocketClose(sent, "", IsByClient: false);
        if (failure is WebSocketException && !_stream.HasEnded && !_connection.IsBroken)
            return new HttpWebSocketClose(CloseCode.InvalidData, "A message cannot be unpacked.", IsByClient: false);
        return new HttpWebSocketClose(CloseCode.Lost, _lostBecause, IsByClient: _lostBecause.Length == 0);
    }

    private static WebSocketFault? FindFault(Exception failure) =>
        failure as WebSocketFault ?? failure.InnerException as WebSocketFault;

    private async ValueTask TrySendCloseAsync(int code, string reason)
    {
        try
        {
            await _stream.SendCloseAsync(code, reason).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException || ExpectedFaults.IsConnectionEnd(exception))
        {
            // The client was quicker.
        }
    }

    private void CheckSilence(long now, long reading, long pingInterval, long pingTimeout)
    {
        var heard = _stream.ReceivedAt;
        if (IsTooSlow(now, reading))
            _end(CloseCode.PolicyViolation, "The message comes too slowly.");
        else if (_options.IdleTimeout > TimeSpan.Zero
            && now - Math.Max(_stream.UsedAt, reading) >= _options.IdleTimeout.TotalMilliseconds)
            _end(CloseCode.GoingAway, string.Create(CultureInfo.InvariantCulture,
                $"There was no message for {_options.IdleTimeout.TotalSeconds:0.###} seconds."));
        else if (pingInterval == 0)
            return;
        else if (_pingedAt > heard && _pingedAt >= reading)
        {
            if (now - _pingedAt >= pingTimeout)
                Lose("the client does not answer pings");
        }
        else if (now - Math.Max(heard, reading) >= pingInterval && _stream.TryPing())
            _pingedAt = _keptAt = now;
    }

    /// <summary>
    /// A frame is taken at the rate of an answer, after the time that a ping may take. The connection has the same rule for all
    /// that it has ever sent, under which one that has sent much might wait for a day.
    /// </summary>
    private bool IsStuck(long now)
    {
        var server = _connection.Options;
        var (since, length) = _stream.Writing;
        return since != 0 && server.MinResponseRate > 0 && now - since > server.RateGracePeriod.TotalMilliseconds
            + _options.PingTimeout.TotalMilliseconds + (length * 1000L / server.MinResponseRate);
    }

    /// <summary>A message comes under the rate of a request's body.</summary>
    private bool IsTooSlow(long now, long reading)
    {
        var server = _connection.Options;
        var (bytes, wait) = _stream.PartialMessage;
        return server.MinRequestBodyRate > 0 && _stream.IsInMessage && wait + now - reading
            > server.RateGracePeriod.TotalMilliseconds + (bytes * 1000 / server.MinRequestBodyRate);
    }
}
