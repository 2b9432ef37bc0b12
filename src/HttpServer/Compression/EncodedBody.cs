using System.Buffers;
using Http.Server.Files.Bodies;
using Http.Server.Headers;
using Http.Server.Transport.FileData;
using Http.Server.Work;

namespace Http.Server.Compression;

/// <summary>Another body, which this takes over, compressed while it is sent.</summary>
/// <param name="source">What is compressed.</param>
/// <param name="length">Its bytes.</param>
/// <param name="coding">Brotli or gzip.</param>
/// <param name="place">Where a place has been taken, which is given back at the end.</param>
internal sealed class EncodedBody(IContentBody source, long length, ContentCoding coding, WorkGate place) : IContentBody
{
    /// <summary>Bytes that are compressed at once: a quarter of a millisecond's work.</summary>
    private const int BlockSize = 32 * 1024;

    private WorkGate? _place = place;

    /// <inheritdoc/>
    /// <remarks>It is sent whole: a stretch of what it is compressed to has no use.</remarks>
    public async ValueTask CopyToAsync(Stream output, long start, long count)
    {
        using var encoder = ContentEncoder.Begin(coding);
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            for (var done = 0L; done < length;)
            {
                await WorkThreads.Shared.NextTurn();
                var block = buffer.AsMemory(0, (int)Math.Min(BlockSize, length - done));
                var read = source.ReadAt(block.Span, done);
                if (read == 0)
                    throw ContentCutException.Ended();
                done += read;
                var ready = encoder.Encode(block.Span[..read], isLast: done == length);
                if (!ready.IsEmpty)
                    await output.WriteAsync(ready).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await WorkThreads.Leave();
        }
    }

    public int ReadAt(Span<byte> buffer, long start) =>
        throw new NotSupportedException("What is compressed while it is sent is not read.");

    public void Dispose()
    {
        source.Dispose();
        Interlocked.Exchange(ref _place, null)?.Leave();
    }
}
