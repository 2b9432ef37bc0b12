using System.Text;
using System.Threading.Channels;

namespace Http.Server.Tests.Support;

/// <summary>A connection's bytes without a socket: reads get what the test feeds, and the test knows when a read or a write waits.</summary>
internal sealed class ScriptedStream : Stream
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Channel<byte[]> _input = Channel.CreateUnbounded<byte[]>();
    private readonly Lock _gate = new();
    private readonly MemoryStream _output = new();
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReadOnlyMemory<byte> _rest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The client takes nothing: writes wait until the stream is disposed.</summary>
    public bool HoldWrites { get; set; }

    public bool IsDisposed => _disposed.Task.IsCompleted;

    /// <summary>How many bytes each write had.</summary>
    public List<int> Writes { get; } = [];

    public string Output
    {
        get
        {
            lock (_output)
                return Encoding.Latin1.GetString(_output.ToArray());
        }
    }

    public void Feed(string text)
    {
        lock (_gate)
        {
            if (_waiting.Task.IsCompleted)
                _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _input.Writer.TryWrite(Encoding.Latin1.GetBytes(text));
        }
    }

    public void FinishInput() => _input.Writer.TryComplete();

    /// <summary>Waits until all that was fed has been taken and a read waits for more, or a held write waits for the client.</summary>
    public Task WaitForWaitAsync()
    {
        lock (_gate)
            return _waiting.Task.WaitAsync(Patience);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.IsEmpty)
        {
            byte[]? next;
            bool isThere;
            lock (_gate)
            {
                isThere = _input.Reader.TryRead(out next);
                if (!isThere)
                    _waiting.TrySetResult();
            }

            if (!isThere)
            {
                if (!await _input.Reader.WaitToReadAsync(cancellationToken))
                    return 0;
                _input.Reader.TryRead(out next);
            }

            _rest = next;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (HoldWrites)
        {
            lock (_gate)
                _waiting.TrySetResult();
            await _disposed.Task.WaitAsync(cancellationToken);
        }

        ObjectDisposedException.ThrowIf(IsDisposed, this);
        lock (_output)
        {
            _output.Write(buffer.Span);
            Writes.Add(buffer.Length);
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _disposed.TrySetResult();
        _input.Writer.TryComplete(new ObjectDisposedException(nameof(ScriptedStream)));
        base.Dispose(disposing);
    }
}
