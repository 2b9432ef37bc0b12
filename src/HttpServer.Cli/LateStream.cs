namespace Http.Server.Cli;

/// <summary>
/// A stream that is opened by the first write, so that the code of standard error is loaded only when there is something to
/// write. If it cannot be opened, for want of a descriptor say, the next write tries again.
/// </summary>
internal sealed class LateStream(Func<Stream> open) : Stream
{
    private readonly Lazy<Stream> _stream = new(open, LazyThreadSafetyMode.PublicationOnly);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => _stream.Value.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => _stream.Value.Write(buffer);

    public override void Flush()
    {
        if (_stream.IsValueCreated)
            _stream.Value.Flush();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _stream.IsValueCreated)
            _stream.Value.Dispose();
        base.Dispose(disposing);
    }
}
