namespace Http.Server.Tests.Support;

/// <summary>A body that comes in pieces: each read gives no more than the next size, and does so at once or later.</summary>
internal sealed class PieceStream(byte[] bytes, Func<int> nextSize, bool isLate = false) : Stream
{
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _at;
        set => throw new NotSupportedException();
    }

    /// <summary>Pieces of one size.</summary>
    public static PieceStream Of(byte[] bytes, int size) => new(bytes, () => size);

    /// <summary>Two pieces.</summary>
    public static PieceStream SplitAt(byte[] bytes, int at)
    {
        var isFirst = at > 0;
        return new(bytes, () =>
        {
            var size = isFirst ? at : bytes.Length;
            isFirst = false;
            return size;
        });
    }

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(Math.Min(nextSize(), bytes.Length - _at), buffer.Length);
        bytes.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (isLate)
            await Task.Yield();
        return Read(buffer.Span);
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
