using Http.Server.Transport.FileData;
using Http.Server.Work;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Archives;

/// <summary>A file as it goes into an archive: no more than its length when it was opened, though it grows meanwhile.</summary>
/// <param name="handle">The open file, which this closes.</param>
/// <param name="length">Its length when it was opened.</param>
/// <param name="isPromised">The length stands in the archive already: with less the archive would be broken.</param>
internal sealed class ArchivedFile(SafeFileHandle handle, long length, bool isPromised) : Stream
{
    private long _position;

    public override bool CanRead => true;

    /// <summary>Says that the length is known; archives are written without seeking.</summary>
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="ContentCutException">The file has become shorter than promised.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.Length > length - _position)
            buffer = buffer[..(int)(length - _position)];
        if (buffer.IsEmpty)
            return 0;
        var count = FileBlock.Read(handle, buffer, _position);
        if (count == 0 && isPromised)
            throw ContentCutException.Ended();
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Reads at a thread for such work, one turn after the other: what shrinks well is written seldom.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await WorkThreads.Shared.NextTurn();
        return Read(buffer.Span);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            handle.Dispose();
        base.Dispose(disposing);
    }
}
