namespace Http.Server.Files.Bodies;

/// <summary>A body that is made while it is sent.</summary>
internal sealed class GeneratedBody(Func<Stream, ValueTask> write) : IContentBody
{
    public ValueTask CopyToAsync(Stream output, long start, long length) => write(output);

    public int ReadAt(Span<byte> buffer, long start) =>
        throw new NotSupportedException("What is made while it is sent is not read.");

    public void Dispose()
    {
    }
}
