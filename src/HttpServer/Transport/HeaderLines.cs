namespace Http.Server.Transport;

/// <summary>
/// Header lines that an answer had, as bytes: answers with the same content have the same, and checking and encoding them anew
/// took a tenth of what the processor does for a small one.
/// </summary>
internal sealed class HeaderLines
{
    private readonly byte[] _bytes;

    private HeaderLines(string contentType, long contentLength, byte[] bytes)
    {
        (ContentType, ContentLength, _bytes) = (contentType, contentLength, bytes);
        HasCacheControl = Bytes.StartsWith("Cache-Control:"u8) || Bytes.IndexOf("\r\nCache-Control:"u8) >= 0;
    }

    /// <summary>The Content-Type they were made with.</summary>
    public string ContentType { get; }

    /// <summary>What they say of the body's length, in bytes; -1 for nothing.</summary>
    public long ContentLength { get; }

    /// <summary>They say how the answer may be kept by others.</summary>
    public bool HasCacheControl { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The lines that an answer has had since its output was this long.</summary>
    public static HeaderLines Copy(OutputBuffer output, int start, string contentType, long contentLength) =>
        new(contentType, contentLength, output.At(start, output.Count - start).ToArray());
}
