namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// The request body as a scriptblock sees it, for one request: after it there is nothing to read, rather than another
/// request's body.
/// </summary>
internal sealed class BodyOfRequest(Stream inner, bool hasEnded) : Stream
{
    private volatile bool _hasEnded = hasEnded;

    public override bool CanRead => !_hasEnded;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The request has been answered.</summary>
    public void End() => _hasEnded = true;

    public override int Read(byte[] buffer, int offset, int count) => Open().Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => Open().Read(buffer);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Open().ReadAsync(buffer, offset, count, cancellationToken);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Open().ReadAsync(buffer, cancellationToken);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Rfile is for reading.");

    private Stream Open() => _hasEnded
        ? throw new ObjectDisposedException("Rfile",
            "The request has ended, and its streams with it: read $this.Rfile before the handler ends.")
        : inner;
}
