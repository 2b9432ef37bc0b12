using Http.Server.Protocol;
using Http.Server.Work;

namespace Http.Server.Multipart;

/// <summary>
/// A multipart body on its way through one buffer: content up to the next delimiter, then the header lines of a part. Nothing is
/// passed over before it has been seen whole and found good: after a call was cancelled it can be made again, and a reader
/// on after a fault meets it again.
/// </summary>
internal sealed class MultipartSource
{
    /// <summary>Header lines of one part in bytes with their CRLF, the empty one not counted.</summary>
    private const int MaxHeaderBytes = 16 * 1024;

    /// <summary>Header lines of one part.</summary>
    private const int MaxHeaderCount = 32;

    // What must be seen whole, a header line or a delimiter with its padding, is no more than half of it.
    private const int BufferSize = 32 * 1024;

    /// <summary>The buffer of a slow client, until it fills it.</summary>
    private const int SmallBufferSize = 4096;

    /// <summary>Length of CRLF.</summary>
    private const int LineEnd = 2;

    private readonly Stream _body;
    private readonly byte[] _delimiter;
    private readonly ByteBudget? _budget;
    private byte[] _buffer;
    private int _taken;
    private int _start;
    private int _end;
    private bool _isEnd;

    // Bytes of content at the start of the buffer, and the kind and the length in bytes of the delimiter that follows them.
    private int _content;
    private DelimiterKind _next;
    private int _nextLength;

    // Bytes of a CRLF that may begin a delimiter but are no content: the CRLF that ends a head, and the one that the grammar
    // puts before the first delimiter of a body.
    private int _hidden;
    private bool _isPreamble = true;
    private int _headerBytes;
    private int _headerCount;

    /// <param name="body">The body.</param>
    /// <param name="boundary">Its boundary.</param>
    /// <param name="budget">What large buffers take together; null for one that is large at once.</param>
    public MultipartSource(Stream body, string boundary, ByteBudget? budget)
    {
        _body = body;
        _budget = budget;
        _buffer = new byte[budget is null ? BufferSize : SmallBufferSize];
        _delimiter = MultipartDelimiter.Of(boundary);
        "\r\n"u8.CopyTo(_buffer);
        _end = _hidden = LineEnd;
    }

    private ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Gives back what was taken of the budget.</summary>
    public void Release()
    {
        _budget?.GiveBack(_taken);
        _taken = 0;
    }

    /// <summary>Makes content ready to be taken.</summary>
    /// <returns>How many bytes; 0 if the next delimiter has been reached.</returns>
    /// <exception cref="RequestFaultException">The body ends without the delimiter.</exception>
    public async ValueTask<int> FindContentAsync(CancellationToken cancellationToken)
    {
        while (_content == 0 && _next == DelimiterKind.None)
        {
            _next = MultipartDelimiter.Find(Buffered, _delimiter, _isEnd, out _content, out _nextLength);
            if (_content > 0)
            {
                Take(_hidden);
                _hidden = 0;
            }
            else if (_next == DelimiterKind.None)
            {
                var fault = _isPreamble ? RequestFault.BoundaryMissing : RequestFault.MultipartTruncated;
                await FillAsync(fault, cancellationToken).ConfigureAwait(false);
            }
        }

        return _content;
    }

    /// <summary>Takes as much of the content that is ready as there is room for.</summary>
    public int Take(Span<byte> destination)
    {
        var count = Math.Min(_content, destination.Length);
        Buffered[..count].CopyTo(destination);
        Take(count);
        return count;
    }

    /// <summary>Passes over the rest of the content and the delimiter that follows it.</summary>
    /// <returns>True if a part follows. Otherwise the body has been read to its end.</returns>
    /// <exception cref="RequestFaultException">The body ends without the delimiter.</exception>
    public async ValueTask<bool> MoveToPartAsync(CancellationToken cancellationToken)
    {
        for (int count; (count = await FindContentAsync(cancellationToken).ConfigureAwait(false)) > 0;)
            Take(count);
        while (_next == DelimiterKind.Close && !_isEnd)
        {
            _start = _end;
            await FillAsync(null, cancellationToken).ConfigureAwait(false);
        }

        if (_next == DelimiterKind.Close)
            return false;
        _start += _nextLength;
        _next = DelimiterKind.None;
        _isPreamble = false;
        _headerBytes = _headerCount = 0;
        return true;
    }

    /// <summary>Reads a header line of the part.</summary>
    /// <returns>Null behind the last one, where the content begins.</returns>
    /// <exception cref="RequestFaultException">The line breaks the grammar or a limit, or the body ends in it.</exception>
    public async ValueTask<KeyValuePair<string, string>?> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        var left = Math.Max(MaxHeaderBytes - _headerBytes, LineEnd);
        int length;
        while (!TryFindLine(left, out length))
            await FillAsync(RequestFault.MultipartTruncated, cancellationToken).ConfigureAwait(false);
        if (length == 0)
        {
            _hidden = LineEnd;
            return null;
        }

        if (++_headerCount > MaxHeaderCount)
            throw new RequestFaultException(RequestFault.PartTooManyHeaders);
        if (PartHeader.Parse(Buffered[..length], out var name, out var value) is { } fault)
            throw new RequestFaultException(fault);
        _start += length + LineEnd;
        _headerBytes += length + LineEnd;
        return new(name, value);
    }

    /// <summary>
    /// Finds a line within a limit. Nothing beyond is looked at: however the body is split into reads, a fault is the
    /// same.
    /// </summary>
    private bool TryFindLine(int max, out int length)
    {
        var bytes = Buffered[..Math.Min(max, _end - _start)];
        if (!ChunkParser.TryFindLine(bytes, out length))
            throw new RequestFaultException(RequestFault.PartLineEnd);
        if (length < 0 && bytes.Length == max)
            throw new RequestFaultException(RequestFault.PartHeadersTooLarge);
        return length >= 0;
    }

    private void Take(int count)
    {
        _start += count;
        _content -= count;
    }

    /// <summary>Reads once. The end is news for the caller at first, and a fault when this is called again.</summary>
    private async ValueTask FillAsync(RequestFault? faultAtEnd, CancellationToken cancellationToken)
    {
        if (_isEnd && faultAtEnd is not null)
            throw new RequestFaultException(faultAtEnd);
        if (_end == _buffer.Length && _buffer.Length < BufferSize)
            TryEnlarge();
        if (_start > 0)
        {
            Buffered.CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            throw new RequestFaultException(RequestFault.TooBusy);
        var count = await _body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += count;
        _isEnd = count == 0;
    }

    /// <summary>A client that has filled the buffer is not slow, or sends what must be seen whole.</summary>
    private void TryEnlarge()
    {
        if (!_budget!.TryTake(BufferSize))
            return;
        _taken = BufferSize;
        Array.Resize(ref _buffer, BufferSize);
    }
}
