using Http.Server.Protocol;

namespace Http.Server.Transport;

/// <summary>
/// The body of the current request as a stream that ends where the body ends (RFC 9112, section 6). Chunked bodies are decoded.
/// One object serves all requests of a connection.
/// </summary>
internal sealed class RequestBody(Connection connection) : BodyStream
{
    private enum State
    {
        Done,
        Length,
        ChunkSize,
        Chunk,
        ChunkEnd,
        Trailers,
    }

    private State _state;
    private long _remaining;
    private long _total;
    private long _most;
    private RequestFault _tooLarge = RequestFault.BodyTooLarge;
    private int _trailerBytes;
    private int _lineSeen;
    private bool _continuePending;
    private bool _isExpected;
    private RequestFault? _fault;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    /// <summary>The whole body has been read, or there is none.</summary>
    public bool IsAtEnd => _state == State.Done;

    /// <summary>The client waits for 100 Continue, which has not been sent, and the body has not been read.</summary>
    public bool ContinuePending => _continuePending;

    /// <summary>How much of a body in chunks has come, by their sizes.</summary>
    public long ChunkedBytes => _total;

    /// <summary>Begins the body that the head announces.</summary>
    public void Begin(RequestHead head)
    {
        _remaining = Math.Max(head.ContentLength, 0);
        _total = 0;
        _most = connection.Options.MaxRequestBodySize;
        _tooLarge = RequestFault.BodyTooLarge;
        _trailerBytes = _lineSeen = 0;
        _continuePending = false;
        _isExpected = head is { MinorVersion: >= 1, HasBody: true } && (head.ExpectsContinue || head.ExpectsUnknown);
        _fault = null;
        _state = head.IsChunked ? State.ChunkSize : _remaining > 0 ? State.Length : State.Done;
    }

    /// <summary>Lowers the length that a body in chunks may have, before it is read.</summary>
    public void Limit(long most, RequestFault fault)
    {
        if (most < _most)
            (_most, _tooLarge) = (most, fault);
    }

    /// <summary>Has 100 Continue sent before the first byte of the body is read.</summary>
    public void ContinueOnRead() => _continuePending = _state != State.Done;

    public override int Read(byte[] buffer, int offset, int count) => Wait(ReadAsync(buffer.AsMemory(offset, count)));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    /// <exception cref="RequestFaultException">The body breaks the grammar or a limit, ends early, or comes too
    /// slowly.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (buffer.IsEmpty || _state == State.Done)
            return 0;
        if (_fault is not null)
            throw Fault(_fault);
        _isExpected = false;
        if (_continuePending)
            await SendContinueAsync().ConfigureAwait(false);
        while (true)
        {
            switch (_state)
            {
                case State.Done:
                    return 0;
                case State.Length:
                case State.Chunk:
                    return await ReadDataAsync(buffer).ConfigureAwait(false);
                case State.ChunkSize:
                    await ReadChunkSizeAsync().ConfigureAwait(false);
                    break;
                case State.ChunkEnd:
                    if (await ReadLineAsync(0, RequestFault.ChunkEnd, RequestFault.ChunkEnd).ConfigureAwait(false) != 0)
                        throw Fault(RequestFault.ChunkEnd);
                    connection.Input.Consume(2);
                    _state = State.ChunkSize;
                    break;
                case State.Trailers:
                    await ReadTrailerAsync().ConfigureAwait(false);
                    break;
            }
        }
    }

    /// <summary>
    /// Has the client send the body: afterwards reading it sends nothing, so that another task may write the answer at the same
    /// time.
    /// </summary>
    public async ValueTask ReadyAsync()
    {
        if (_state == State.Done)
            return;
        if (_continuePending)
            await SendContinueAsync().ConfigureAwait(false);
        await SendEarlierAnswersAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Whether the rest could be read and forgotten, as far as that is known. After a fault, or where the client may or may not
    /// send what it has announced (RFC 9110, section 10.1.1), it is not known where the next request begins.
    /// </summary>
    /// <param name="most">Largest rest that is worth it, in bytes.</param>
    public bool IsWorthDraining(int most) =>
        _state == State.Done || (_fault is null && !_continuePending && !_isExpected
            && !(_state == State.Length && _remaining > most));

    /// <summary>Reads and forgets the rest, so that the connection can carry a further request.</summary>
    /// <param name="most">Largest rest that is worth it, in bytes.</param>
    /// <returns>False if the rest is longer, or the client was never told to send it.</returns>
    public async ValueTask<bool> DrainAsync(int most)
    {
        if (_state == State.Done)
            return true;
        if (!IsWorthDraining(most))
            return false;
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            for (var total = 0; total <= most;)
            {
                var count = await ReadAsync(buffer).ConfigureAwait(false);
                if (count == 0)
                    return true;
                total += count;
            }

            return false;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Rfile is for reading.");

    public override void Flush()
    {
    }

    private async ValueTask SendContinueAsync()
    {
        _continuePending = false;
        // After a final answer has begun, a 100 would stand in the middle of it.
        if (connection.Output.ResponseBegun)
            return;
        connection.Output.Append("HTTP/1.1 100 Continue\r\n\r\n"u8);
        await connection.Output.FlushAsync().ConfigureAwait(false);
        connection.Output.BeginResponse();
    }

    /// <summary>
    /// A pipelining client may hold its body back until it has the answers to its earlier requests, which still wait
    /// here.
    /// </summary>
    private async ValueTask SendEarlierAnswersAsync()
    {
        if (!connection.Output.HasEarlier)
            return;
        var begun = connection.Output.ResponseBegun;
        await connection.Response.FlushAsync().ConfigureAwait(false);
        if (!begun)
            connection.Output.BeginResponse();
    }

    private async ValueTask<int> ReadDataAsync(Memory<byte> buffer)
    {
        if (buffer.Length > _remaining)
            buffer = buffer[..(int)_remaining];
        var buffered = connection.Input.Buffered;
        int count;
        if (!buffered.IsEmpty)
        {
            count = Math.Min(buffer.Length, buffered.Length);
            buffered[..count].CopyTo(buffer.Span);
            connection.Input.Consume(count);
        }
        else
        {
            await SendEarlierAnswersAsync().ConfigureAwait(false);
            count = await connection.ReceiveBodyAsync(buffer).ConfigureAwait(false);
            if (count == 0)
                throw Ended();
        }

        _remaining -= count;
        if (_remaining == 0)
            _state = _state == State.Chunk ? State.ChunkEnd : State.Done;
        return count;
    }

    private async ValueTask ReadChunkSizeAsync()
    {
        var length = await ReadLineAsync(ChunkParser.MaxLine, RequestFault.ChunkSize, RequestFault.ChunkExtension)
            .ConfigureAwait(false);
        if (ChunkParser.ParseSize(connection.Input.Buffered[..length], out var size) is { } fault)
            throw Fault(fault);
        connection.Input.Consume(length + 2);
        if (size > _most - _total)
            throw Fault(_tooLarge);
        _total += size;
        _remaining = size;
        _state = size == 0 ? State.Trailers : State.Chunk;
    }

    private async ValueTask ReadTrailerAsync()
    {
        var left = connection.Options.MaxHeaderBytes - _trailerBytes;
        var length = await ReadLineAsync(left, RequestFault.Trailer, RequestFault.TrailersTooLarge).ConfigureAwait(false);
        if (length > 0 && !ChunkParser.IsTrailer(connection.Input.Buffered[..length]))
            throw Fault(RequestFault.Trailer);
        connection.Input.Consume(length + 2);
        _trailerBytes += length + 2;
        if (length == 0)
            _state = State.Done;
    }

    /// <summary>Makes sure that a whole line is buffered.</summary>
    /// <returns>Its length without CRLF.</returns>
    private async ValueTask<int> ReadLineAsync(int most, RequestFault malformed, RequestFault tooLong)
    {
        while (true)
        {
            // A line may come byte by byte: what was searched before is not searched again, but for a CR whose LF was missing.
            var seen = _lineSeen;
            if (!ChunkParser.TryFindLine(connection.Input.Buffered[seen..], out var length))
                throw Fault(malformed);
            if (length >= 0)
                length += seen;
            if (length > most || (length < 0 && connection.Input.Buffered.Length > most + 1))
                throw Fault(tooLong);
            _lineSeen = length >= 0 ? 0 : Math.Max(connection.Input.Buffered.Length - 1, 0);
            if (length >= 0)
                return length;
            await SendEarlierAnswersAsync().ConfigureAwait(false);
            if (await connection.Input.FillAsync().ConfigureAwait(false) == 0)
                throw Ended();
        }
    }

    private IOException Ended()
    {
        if (connection.ReadTimedOut)
            return Fault(RequestFault.BodyTooSlow);
        return connection.ReadStopped
            ? new ConnectionEndedException("The connection was ended while the request body was read.")
            : Fault(RequestFault.BodyTruncated);
    }

    /// <summary>
    /// Nothing that follows a fault can be trusted: the body counts as unread, so the connection ends, and a reader who goes on
    /// meets the same fault.
    /// </summary>
    private RequestFaultException Fault(RequestFault fault)
    {
        _fault = fault;
        return new RequestFaultException(fault);
    }
}
