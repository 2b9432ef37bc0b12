using System.Buffers;
using System.Runtime.CompilerServices;
using Http.Server.Protocol;

namespace Http.Server.Transport;

/// <summary>
/// The bytes of requests in one rented buffer. A head stays where it was read until its request ends, so its positions hold;
/// body bytes pass through the room behind it.
/// </summary>
internal sealed class RequestReader
{
    /// <summary>Room for the heads of nearly all requests; what an idle connection holds.</summary>
    private const int SmallBuffer = 4096;

    /// <summary>Least room that is worth a read.</summary>
    private const int MinRoom = 1024;

    private readonly Connection _connection;
    private readonly HeadLimits _limits;
    private byte[] _buffer = [];
    private int _start;
    private int _position;
    private int _end;
    private bool _isFirst = true;

    public RequestReader(Connection connection)
    {
        _connection = connection;
        var options = connection.Options;
        _limits = new HeadLimits(options.MaxRequestLineLength, options.MaxHeaderBytes, options.MaxHeaderCount);
    }

    /// <summary>The positions found in <see cref="HeadBytes"/>.</summary>
    public RequestHead Head { get; } = new();

    /// <summary>The bytes of the current head.</summary>
    public ReadOnlySpan<byte> HeadBytes => _buffer.AsSpan(_start, Head.Position);

    /// <summary>Why the last head was refused.</summary>
    public RequestFault? Fault { get; private set; }

    /// <summary>Bytes behind the head that have not been taken yet: body, or the next request.</summary>
    public ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_position, _end - _position);

    /// <summary>Whether there are such bytes.</summary>
    public bool HasBuffered => _end > _position;

    /// <summary>Whether a whole further head is there already, so that answers may be sent together.</summary>
    public bool HasNextRequest => _end > _position && Buffered.IndexOf("\r\n\r\n"u8) >= 0;

    public void Consume(int count) => _position += count;

    /// <summary>
    /// Waits for the first bytes of the next head, of which there are none yet. <see cref="TryBegin"/> takes them.
    /// </summary>
    /// <returns>
    /// The number of bytes; 0 at the end of the input and when reading was stopped; -1 if there may be some by now, which the
    /// next call takes.
    /// </returns>
    /// <exception cref="IOException">The client is gone, or the socket has been closed.</exception>
    public ValueTask<int> ReceiveFirstAsync()
    {
        BeginHead();
        if (_connection.ReadStopped || !TryBeginIdling())
            return new(0);
        if (!_connection.WaitsWithoutBuffer)
            return _connection.ReceiveHeadAsync(_buffer);
        if (_connection.TryReceiveHead(_buffer, out var count))
            return new(count);
        // An idle connection holds no buffer.
        Release();
        return _connection.WaitForHeadAsync();
    }

    /// <summary>Takes what <see cref="ReceiveFirstAsync()"/> has received.</summary>
    /// <returns>False if there is nothing, and no further request.</returns>
    public bool TryBegin(int count)
    {
        _end += count;
        if (count == 0)
            _connection.EndHead();
        return count > 0;
    }

    /// <summary>Reads the next request head.</summary>
    public ValueTask<HeadOutcome> ReadHeadAsync()
    {
        BeginHead();
        return TryParse(out var outcome) ? new(outcome) : ReceiveHeadAsync();
    }

    /// <summary>Reads more of the body into the buffer; 0 at the end of the input.</summary>
    public async ValueTask<int> FillAsync()
    {
        var bodyStart = _start + Head.Position;
        if (_position == _end)
            _position = _end = bodyStart;
        if (_buffer.Length - _end < MinRoom)
        {
            if (_position > bodyStart)
            {
                Buffer.BlockCopy(_buffer, _position, _buffer, bodyStart, _end - _position);
                _end -= _position - bodyStart;
                _position = bodyStart;
            }

            if (_buffer.Length - _end < MinRoom)
                Grow();
        }

        var count = await _connection.ReceiveBodyAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
        _end += count;
        return count;
    }

    /// <summary>
    /// Waits for bytes behind a request whose body has been read to its end; they are kept for the next head. The buffer is not
    /// moved, since the request's head is in use meanwhile.
    /// </summary>
    /// <returns>The number of bytes, 0 at the end of the input; -1 if there is no room.</returns>
    public async ValueTask<int> ReadAheadAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (_end == _buffer.Length)
            return -1;
        var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += count;
        return count;
    }

    /// <summary>Gives the buffer back. Nothing may be read any more.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _position = _end = 0;
        Head.Reset();
    }

    /// <summary>Receives until the head is whole.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HeadOutcome> ReceiveHeadAsync()
    {
        var waited = 0;
        while (true)
        {
            // A stop ends what has not begun; a request whose first bytes are here may still arrive.
            if (_connection.ReadStopped)
                return End();
            MakeRoom();
            var room = _buffer.AsMemory(_end);
            if (_end == _start && !TryBeginIdling())
                return End();
            if (_end > _start && waited++ == 0)
                _connection.BeginHead(_connection.Options.HeaderTimeout);
            var count = await _connection.ReceiveHeadAsync(room).ConfigureAwait(false);
            if (count == 0)
                return End();
            _end += count;
            if (TryParse(out var outcome))
                return outcome;
        }
    }

    private bool TryBeginIdling() =>
        _connection.TryBeginIdling(_isFirst ? _connection.Options.HeaderTimeout : _connection.Options.KeepAliveTimeout);

    /// <summary>Parses what is there.</summary>
    /// <returns>False if it is not yet a whole head.</returns>
    private bool TryParse(out HeadOutcome outcome)
    {
        outcome = default;
        if (_end == _start)
            return false;
        switch (RequestHeadParser.Parse(_buffer.AsSpan(_start, _end - _start), _limits, Head))
        {
            case HeadStatus.Complete:
                _position = _start + Head.Position;
                _isFirst = false;
                _connection.EndHead();
                outcome = HeadOutcome.Request;
                return true;
            case HeadStatus.Refused:
                outcome = Refuse(Head.Fault!);
                return true;
            default:
                return false;
        }
    }

    private void BeginHead()
    {
        Head.Reset();
        Fault = null;
        _start = _position;
        if (_start == _end)
        {
            _start = _position = _end = 0;
            // A connection that once carried a large head does not hold its buffer for ever.
            if (_buffer.Length > SmallBuffer)
                Release();
        }

        if (_buffer.Length == 0)
            _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    }

    private HeadOutcome Refuse(RequestFault fault)
    {
        // A TLS greeting (RFC 8446, section 5.1: a handshake record of version 3.x) is refused in any case; here it gets an
        // error of its own.
        Fault = _buffer.AsSpan(_start, _end - _start) is [0x16] or [0x16, 0x03, ..] ? RequestFault.TlsGreeting : fault;
        _position = _start + Head.Position;
        _connection.EndHead();
        return HeadOutcome.Refused;
    }

    private HeadOutcome End()
    {
        var begun = _end > _start;
        if (begun && _connection.ReadTimedOut)
            return Refuse(RequestFault.HeadTooSlow);
        _connection.EndHead();
        return begun && !_connection.ReadStopped ? Refuse(RequestFault.HeadTruncated) : HeadOutcome.Closed;
    }

    private void MakeRoom()
    {
        if (_buffer.Length - _end >= MinRoom)
            return;
        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _end -= _start;
            _position = _start = 0;
        }

        // The parser refuses a head before it outgrows the limits, so this ends.
        if (_buffer.Length - _end < MinRoom)
            Grow();
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        Buffer.BlockCopy(_buffer, _start, larger, _start, _end - _start);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
