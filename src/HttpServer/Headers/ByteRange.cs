namespace Http.Server.Headers;

/// <summary>A part of a representation, never an empty one.</summary>
/// <param name="Start">Offset of the first byte.</param>
/// <param name="Length">Number of bytes.</param>
internal readonly record struct ByteRange(long Start, long Length)
{
    /// <summary>Offset of the last byte, itself part of the range, as <c>Content-Range</c> states it.</summary>
    public long End => Start + Length - 1;
}
