using System.Text;
using System.Threading.Channels;

namespace Http.Server.Tests.Support;

/// <summary>A connection's bytes without a socket: reads get what the test feeds, and the test knows when a read or a write waits.</summary>
internal sealed class ScriptedStream : Stream
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Channel<byte[]> _input = Channel.CreateUnbounded<byte[]>();
    private readonly SemaphoreSlim _waits = new(0);
    private readonly MemoryStream _output = new();
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
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

    public void Feed(string text) => _input.Writer.TryWrite(Encoding.Latin1.GetBytes(text));

    public void FinishInput() => _input.Writer.TryComplete();

    /// <summary>Waits until a read or a held write has begun to wait; each wait counts once.</summary>
    public async Task WaitForWaitAsync() => Assert.True(await _waits.WaitAsync(Patience), "Nothing waits for the client.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.IsEmpty)
        {
            if (!_input.Reader.TryRead(out var next))
            {
                _waits.Release();
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
            _waits.Release();
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
