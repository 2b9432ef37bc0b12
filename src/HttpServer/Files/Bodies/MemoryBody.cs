namespace Http.Server.Files.Bodies;

/// <summary>Bytes in memory, which several requests may send at once.</summary>
internal sealed class MemoryBody(ReadOnlyMemory<byte> bytes) : IContentBody
{
    public ReadOnlySpan<byte> Span => bytes.Span;

    public ValueTask CopyToAsync(Stream output, long start, long length) =>
        output.WriteAsync(length < 0 ? bytes[(int)start..] : bytes.Slice((int)start, (int)length));

    public int ReadAt(Span<byte> buffer, long start)
    {
        var rest = bytes.Span[(int)Math.Min(start, bytes.Length)..];
        rest = rest[..Math.Min(rest.Length, buffer.Length)];
        rest.CopyTo(buffer);
        return rest.Length;
    }

    public void Dispose()
    {
    }
}
