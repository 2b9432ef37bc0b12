namespace Http.Server.PowerShell.Handlers;

/// <summary>
/// The way to the client as a scriptblock sees it, for one request: its first write begins the answer if the script has not, and
/// after the request it takes no more, for the connection's own stream is another request's by then.
/// </summary>
internal sealed class AnswerStream(ScriptHttpRequestHandler handler, Stream inner, bool hasEnded) : Stream
{
    private volatile bool _hasEnded = hasEnded;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_hasEnded;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The request has been answered.</summary>
    public void End() => _hasEnded = true;

    public override void Write(byte[] buffer, int offset, int count) => Ready().Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => Ready().Write(buffer);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Ready().WriteAsync(buffer, offset, count, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Ready().WriteAsync(buffer, cancellationToken);

    public override void Flush() => Open().Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => Open().FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Wfile is for writing.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private Stream Ready()
    {
        var stream = Open();
        handler.BeginWriting();
        return stream;
    }

    private Stream Open()
    {
        if (_hasEnded)
            throw new ObjectDisposedException("Wfile",
                "The request has ended, and its streams with it: write to $this.Wfile before the handler ends.");
        return inner;
    }
}
