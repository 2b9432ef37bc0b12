using System.Buffers;

namespace Http.Server.Transport;

/// <summary>What streams of bodies have in common: none can seek, nor has a length.</summary>
internal abstract class BodyStream : Stream
{
    private const int MaxRented = 64 * 1024;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <remarks>What is rented stays out of the large object heap, however much room there is.</remarks>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        var rented = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length, MaxRented));
        try
        {
            var count = Read(rented, 0, Math.Min(buffer.Length, rented.Length));
            rented.AsSpan(0, count).CopyTo(buffer);
            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Waits on the calling thread: for handlers that read and write synchronously, as Python's do.</summary>
    protected static void Wait(ValueTask task)
    {
        if (task.IsCompleted)
            task.GetAwaiter().GetResult();
        else
            task.AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Wait(ValueTask)"/>
    protected static int Wait(ValueTask<int> task) =>
        task.IsCompleted ? task.GetAwaiter().GetResult() : task.AsTask().GetAwaiter().GetResult();
}
