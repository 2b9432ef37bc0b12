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

    /// <summary>Whether a whole further head is there already, so that answers may be sent together.</summary>
    public bool HasNextRequest => _end > _position && Buffered.IndexOf("\r\n\r\n"u8) >= 0;

    public void Consume(int count) => _position += count;

    /// <summary>Reads the next request head.</summary>
    /// <remarks>The pooling builder keeps the state machine's memory: this method waits once a request.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HeadOutcome> ReadHeadAsync()
    {
        BeginHead();
        var options = _connection.Options;
        var isNew = _isFirst;
        _isFirst = false;
        var waited = 0;
        while (true)
        {
            if (_end > _start)
            {
                switch (RequestHeadParser.Parse(_buffer.AsSpan(_start, _end - _start), _limits, Head))
                {
                    case HeadStatus.Complete:
                        _position = _start + Head.Position;
                        _connection.EndHead();
                        return HeadOutcome.Request;
                    case HeadStatus.Refused:
                        return Refuse(Head.Fault!);
                }
            }

            // A stop ends what has not begun; a request whose first bytes are here may still arrive.
            if (_connection.ReadStopped)
                return End();
            MakeRoom();
            var room = _buffer.AsMemory(_end);
            int count;
            if (_end == _start)
                count = await _connection.ReceiveHeadAsync(room, isNew
                    ? options.HeaderTimeout
                    : options.KeepAliveTimeout, idle: true).ConfigureAwait(false);
            else if (waited++ == 0)
                count = await _connection.ReceiveHeadAsync(room, options.HeaderTimeout, idle: false).ConfigureAwait(false);
            else
                count = await _connection.ReceiveHeadAsync(room).ConfigureAwait(false);
            if (count == 0)
                return End();
            _end += count;
        }
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
        // A TLS greeting (RFC 8446, section 5.1: a handshake record of version 3.x) is refused anyway; here it gets its name.
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
