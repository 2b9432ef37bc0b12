namespace Http.Server.Tests.Support;

/// <summary>
/// A client that needs no socket: it sends the same request for as long as it is read, whole and at once, and keeps the last
/// answer only. Nothing waits, so the server's whole work happens on the calling thread, and the stream allocates nothing.
/// </summary>
internal sealed class RepeatingStream(byte[] request) : Stream
{
    private readonly byte[] _last = new byte[16 * 1024];
    private int _lastLength;

    /// <summary>The bytes of the answer to the latest request; as much of it as 16 KiB hold.</summary>
    public ReadOnlySpan<byte> LastAnswer => _last.AsSpan(0, _lastLength);

    /// <summary>How often the request has been sent.</summary>
    public int Requests { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        // The reader offers at least 1 KiB; a request that does not fit would be cut and never end.
        if (buffer.Length < request.Length)
            throw new InvalidOperationException($"A request of {request.Length} bytes does not fit into a read of {buffer.Length}.");
        request.CopyTo(buffer);
        Requests++;
        _lastLength = 0;
        return request.Length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var kept = buffer[..Math.Min(buffer.Length, _last.Length - _lastLength)];
        kept.CopyTo(_last.AsSpan(_lastLength));
        _lastLength += kept.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
