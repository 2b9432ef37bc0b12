using System.IO.Compression;

namespace Http.Server.Compression;

/// <summary>gzip of a stream.</summary>
internal sealed class GzipBlockEncoder : IBlockEncoder
{
    /// <summary>The level, 1 to 9. Level 1 is faster by a third at most, and its result is half as large again.</summary>
    private const int Level = 3;

    private readonly MemoryStream _ready = new();
    private readonly GZipStream _gzip;

    public GzipBlockEncoder() =>
        _gzip = new GZipStream(_ready, new ZLibCompressionOptions { CompressionLevel = Level }, leaveOpen: true);

    public ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> block, bool isLast)
    {
        _ready.SetLength(0);
        _gzip.Write(block);
        if (isLast)
            _gzip.Dispose();
        return _ready.GetBuffer().AsMemory(0, (int)_ready.Length);
    }

    public void Dispose()
    {
        // If the end was never reached, this writes into memory that is not read any more.
        _gzip.Dispose();
        _ready.Dispose();
    }
}
