using System.Globalization;
using Http.Server.Files.Bodies;
using Http.Server.Headers;
using Http.Server.Work;

namespace Http.Server.Compression;

/// <summary>Makes compressed content of content.</summary>
internal static class Encodings
{
    /// <summary>Compresses content in memory.</summary>
    /// <param name="source">The content, in memory.</param>
    /// <param name="coding">Brotli or gzip.</param>
    /// <param name="evenIfLarger">Whether a result will do that saves nothing.</param>
    /// <returns>Null if nothing is saved by it. The bytes are held, so each of them can be asked for again.</returns>
    public static FileContent? Encode(FileContent source, ContentCoding coding, bool evenIfLarger)
    {
        if (ContentEncoder.Encode(coding, source.InMemory(), evenIfLarger) is not { } encoded)
            return null;
        // The length tells apart what different versions of a library make of the same file.
        var etag = string.Create(CultureInfo.InvariantCulture,
            $"{source.ETag.AsSpan(..^1)}-{encoded.Length:x}-{ContentCodings.NameOf(coding)}\"");
        return FileContent.OfEncoded(source, coding, new MemoryBody(encoded), encoded.Length, etag);
    }

    /// <summary>
    /// The same content, to be compressed while it is sent, anew each time: the same to its users, not in each
    /// byte.
    /// </summary>
    /// <param name="source">The content, which this takes over.</param>
    /// <param name="coding">Brotli or gzip.</param>
    /// <param name="place">Where a place has been taken, which is given back when the content is disposed of.</param>
    public static FileContent EncodeWhileSent(FileContent source, ContentCoding coding, WorkGate place)
    {
        var etag = $"{(source.ETag.StartsWith('W') ? "" : "W/")}{source.ETag.AsSpan(..^1)}-{ContentCodings.NameOf(coding)}\"";
        return FileContent.OfEncoded(source, coding, new EncodedBody(source.Detach(), source.Length, coding, place), -1, etag);
    }
}
