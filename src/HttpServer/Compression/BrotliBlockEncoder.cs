using System.Buffers;
using System.IO.Compression;

namespace Http.Server.Compression;

/// <summary>Brotli of a stream.</summary>
internal sealed class BrotliBlockEncoder : IBlockEncoder
{
    /// <summary>The quality, 0 to 11. Quality 1 is faster, and its result is an eighth larger.</summary>
    private const int Quality = 2;

    /// <summary>256 KiB; the default of 4 MiB would be taken for each client.</summary>
    private const int WindowBits = 18;

    private BrotliEncoder _encoder = new(Quality, WindowBits);
    private byte[] _ready = ArrayPool<byte>.Shared.Rent(64 * 1024);

    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> block, bool isLast)
    {
        var count = 0;
        while (true)
        {
            var status = _encoder.Compress(block, _ready.AsSpan(count), out var consumed, out var written, isLast);
            block = block[consumed..];
            count += written;
            // "Done" with room left means that all input has been read, and that all output that is ready has been written.
            if (status == OperationStatus.Done && block.IsEmpty)
                return _ready.AsMemory(0, count);
            if (status == OperationStatus.InvalidData)
                throw new InvalidDataException("The content could not be compressed.");
            Grow(count);
        }
    }

    public void Dispose()
    {
        _encoder.Dispose();
        ArrayPool<byte>.Shared.Return(_ready);
        _ready = [];
    }

    private void Grow(int count)
    {
        var larger = ArrayPool<byte>.Shared.Rent(_ready.Length * 2);
        _ready.AsSpan(0, count).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_ready);
        _ready = larger;
    }
}
