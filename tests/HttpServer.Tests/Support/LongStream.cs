namespace Http.Server.Tests.Support;

/// <summary>A body with a long middle, one block again and again, that is nowhere in memory as a whole; reading it allocates nothing.</summary>
internal sealed class LongStream(byte[] head, byte[] block, long blocks, byte[] tail) : Stream
{
    private readonly long _length = head.Length + block.LongLength * blocks + tail.Length;
    private long _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var middle = _length - tail.Length;
        var from = _at < head.Length ? head.AsSpan((int)_at)
            : _at < middle ? block.AsSpan((int)((_at - head.Length) % block.Length))
            : tail.AsSpan((int)(_at - middle));
        var count = Math.Min(from.Length, buffer.Length);
        from[..count].CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
