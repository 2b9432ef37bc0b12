using System.Runtime.InteropServices;
using Http.Server.Interop;
using Http.Server.Transport;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Cgi.Unix;

/// <summary>This side's end of a pipe to a program, read or written without blocking a thread.</summary>
internal sealed class UnixPipe : BodyStream
{
    private readonly SafeFileHandle _handle;
    private readonly int _descriptor;
    private readonly bool _isWriter;

    public UnixPipe(int descriptor, bool isWriter)
    {
        UnixNative.SetNonBlocking(descriptor);
        (_descriptor, _isWriter) = (descriptor, isWriter);
        _handle = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    public override bool CanRead => !_isWriter;

    public override bool CanWrite => _isWriter;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var count = TryRead(buffer.Span);
            if (count >= 0)
                return count;
            try
            {
                await PipePoller.Shared.WaitAsync(_descriptor, forWriting: false, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when ((count = TryRead(buffer.Span)) >= 0)
            {
                // What was written before is not lost: only an empty pipe ends the reading.
                return count;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The program has closed its end.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var count = TryWrite(buffer.Span);
            if (count < 0)
                await PipePoller.Shared.WaitAsync(_descriptor, forWriting: true, cancellationToken).ConfigureAwait(false);
            else
                buffer = buffer[count..];
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Wait(ReadAsync(buffer.AsMemory(offset, count)));

    public override void Write(byte[] buffer, int offset, int count) => Wait(WriteAsync(buffer.AsMemory(offset, count)));

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        _handle.Dispose();
        base.Dispose(disposing);
    }

    /// <returns>-1 if nothing is there yet.</returns>
    private unsafe int TryRead(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        fixed (byte* bytes = buffer)
            return Check(Libc.Read(_descriptor, bytes, (nuint)buffer.Length));
    }

    /// <returns>-1 if the pipe is full.</returns>
    private unsafe int TryWrite(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        fixed (byte* bytes = buffer)
            return Check(Libc.Write(_descriptor, bytes, (nuint)buffer.Length));
    }

    private static int Check(nint result)
    {
        if (result >= 0)
            return (int)result;
        var error = Marshal.GetLastPInvokeError();
        return UnixNative.IsAgain(error)
            ? -1
            : throw new IOException($"The pipe to the program failed: {Marshal.GetPInvokeErrorMessage(error)}");
    }
}
