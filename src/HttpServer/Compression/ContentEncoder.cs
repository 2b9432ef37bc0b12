using System.IO.Compression;
using System.Runtime.CompilerServices;
using Http.Server.Headers;

namespace Http.Server.Compression;

/// <summary>
/// Compresses. The one place that knows the libraries for it, which are loaded when the first client asks for a coding: nothing
/// of this class is compiled into its callers.
/// </summary>
internal static class ContentEncoder
{
    /// <summary>
    /// What is kept is compressed once: 256 KiB of JavaScript take 10 ms and end at 21 % of their size. Level 9 takes 200 ms for
    /// half a percent less.
    /// </summary>
    private const int KeptBrotliQuality = 6;

    /// <summary>4 ms for the same, and 23 %; level 9 takes 17 ms for a third of a percent less.</summary>
    private const int KeptGzipLevel = 6;

    /// <summary>A window as large as what is compressed at once; a larger one would only take memory.</summary>
    private const int KeptBrotliWindow = 18;

    /// <summary>Compresses content in memory.</summary>
    /// <param name="coding">Brotli or gzip.</param>
    /// <param name="source">The content.</param>
    /// <param name="evenIfLarger">Whether to give a result that saves nothing.</param>
    /// <returns>Null if the result would not be smaller.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static byte[]? Encode(ContentCoding coding, ReadOnlySpan<byte> source, bool evenIfLarger)
    {
        if (coding == ContentCoding.Gzip)
            return EncodeGzip(source, evenIfLarger ? int.MaxValue : source.Length - 1);
        var max = evenIfLarger ? BrotliEncoder.GetMaxCompressedLength(source.Length) : source.Length - 1;
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(max);
        try
        {
            return BrotliEncoder.TryCompress(source, buffer.AsSpan(0, max), out var count, KeptBrotliQuality, KeptBrotliWindow)
                ? buffer.AsSpan(0, count).ToArray()
                : null;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Begins to compress a stream, at a speed of some 200 MB/s: no network to speak of waits for it.</summary>
    /// <param name="coding">Brotli or gzip.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IBlockEncoder Begin(ContentCoding coding) =>
        coding == ContentCoding.Gzip ? new GzipBlockEncoder() : new BrotliBlockEncoder();

    private static byte[]? EncodeGzip(ReadOnlySpan<byte> source, int max)
    {
        using var result = new MemoryStream(source.Length / 3);
        using (var gzip = new GZipStream(result, new ZLibCompressionOptions { CompressionLevel = KeptGzipLevel },
            leaveOpen: true))
            gzip.Write(source);
        return result.Length <= max ? result.ToArray() : null;
    }
}
