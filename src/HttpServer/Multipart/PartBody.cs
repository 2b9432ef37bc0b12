using Http.Server.Transport;

namespace Http.Server.Multipart;

/// <summary>The content of the current part as a stream that ends at the next boundary. Disposing of it reads nothing.</summary>
internal sealed class PartBody(MultipartSource source) : BodyStream
{
    private MultipartSource? _source = source;

    public override bool CanRead => _source is not null;

    public override bool CanWrite => false;

    private MultipartSource Source => _source
        ?? throw new ObjectDisposedException(null, "The part's body is closed: it can be read until the next part is.");

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var source = Source;
        if (!buffer.IsEmpty)
            Wait(source.FindContentAsync(CancellationToken.None));
        return source.Take(buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    /// <exception cref="RequestFaultException">The body ends without a boundary.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var source = Source;
        if (!buffer.IsEmpty)
            await source.FindContentAsync(cancellationToken).ConfigureAwait(false);
        return source.Take(buffer.Span);
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A part is for reading.");

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        _source = null;
        base.Dispose(disposing);
    }
}
