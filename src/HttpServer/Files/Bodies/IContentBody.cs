namespace Http.Server.Files.Bodies;

/// <summary>Where the bytes of a <see cref="FileContent"/> come from.</summary>
internal interface IContentBody : IDisposable
{
    /// <summary>Sends a stretch of the bytes.</summary>
    /// <param name="output">The stream that takes them.</param>
    /// <param name="start">The position of the first byte.</param>
    /// <param name="length">Its bytes; negative for all up to the end, wherever that is.</param>
    /// <exception cref="Transport.FileData.ContentCutException">There are fewer, or they cannot be read.</exception>
    ValueTask CopyToAsync(Stream output, long start, long length);

    /// <summary>Reads bytes from a place on.</summary>
    /// <returns>Their number: less than there is room only at the end.</returns>
    int ReadAt(Span<byte> buffer, long start);
}
