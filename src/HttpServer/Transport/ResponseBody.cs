using System.Buffers;
using Http.Server.Transport.FileData;
using Microsoft.Win32.SafeHandles;

namespace Http.Server.Transport;

/// <summary>
/// The response body as a stream: frames what a handler writes and never lets more onto the wire than was promised.
/// One object serves all requests of a connection.
/// </summary>
internal sealed class ResponseBody(OutputBuffer output) : BodyStream
{
    /// <summary>Room for the size line of a chunk that grows: four hexadecimal digits and CRLF.</summary>
    private const int ChunkHead = 6;

    /// <summary>From this size on, bytes are sent from where they are rather than copied.</summary>
    private const int WorthSendingAlone = 16 * 1024;

    /// <summary>
    /// What gathers of a body before it is sent, which together with a last write of less than <see cref="WorthSendingAlone"/> is
    /// at most 32 KiB: so much is held while a client does not read.
    /// </summary>
    private const int FlushThreshold = 16 * 1024;

    private Framing _framing;
    private long _promised;
    private int _openChunk = -1;

    public override bool CanRead => false;

    public override bool CanWrite => true;

    /// <summary>Body bytes that the handler wrote and that count.</summary>
    public long Written { get; private set; }

    /// <summary>The handler wrote more than it had promised; the rest was dropped.</summary>
    public bool Overrun { get; private set; }

    /// <summary>The handler wrote less than it had promised.</summary>
    public bool Underrun => _framing == Framing.Length && Written < _promised;

    public Framing Framing => _framing;

    public void Begin(Framing framing, long promised = 0)
    {
        _framing = framing;
        _promised = promised;
        _openChunk = -1;
        Written = 0;
        Overrun = false;
    }

    /// <summary>Ends the body; afterwards the answer is whole unless <see cref="Underrun"/>.</summary>
    public void Complete()
    {
        if (_framing != Framing.Chunked)
            return;
        CloseChunk();
        output.Append("0\r\n\r\n"u8);
    }

    public override void Write(byte[] buffer, int offset, int count) => Wait(WriteAsync(buffer.AsMemory(offset, count)));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        buffer = buffer[..Admit(buffer.Length)];
        while (!buffer.IsEmpty)
        {
            var part = buffer[..Math.Min(buffer.Length, WorthSendingAlone)];
            Append(part);
            buffer = buffer[part.Length..];
            if (output.Count >= FlushThreshold)
                Flush();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    /// <exception cref="IOException">The client is gone or took too long.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        buffer = buffer[..Admit(buffer.Length)];
        if (buffer.IsEmpty)
            return default;
        if (buffer.Length >= WorthSendingAlone)
            return SendAloneAsync(buffer);
        Append(buffer.Span);
        return output.Count >= FlushThreshold ? SendAsync() : default;
    }

    /// <summary>
    /// Sends a part of the body that has been made for many answers, from where it is. For an answer without a length.
    /// </summary>
    /// <param name="chunk">The part with the frame of a chunk around it.</param>
    /// <param name="start">Where in it the part itself begins.</param>
    /// <param name="length">The length of the part itself.</param>
    /// <exception cref="IOException">The client is gone or took too long.</exception>
    public ValueTask WriteChunkAsync(ReadOnlyMemory<byte> chunk, int start, int length)
    {
        if (Admit(length) == 0)
            return default;
        CloseChunk();
        return output.FlushWithAsync(_framing == Framing.Chunked ? chunk : chunk.Slice(start, length));
    }

    /// <summary>Writes a part of a file, holding as little of it as can be while the client does not read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="length">Its length.</param>
    /// <exception cref="ContentCutException">The file ends before the part does, or cannot be read.</exception>
    /// <exception cref="IOException">The client is gone or took too long.</exception>
    public ValueTask WriteFileAsync(SafeFileHandle file, long start, long length) =>
        length < WorthSendingAlone
            || _framing == Framing.Chunked ? CopyFileAsync(file, start, length) : SendFileAsync(file, start, length);

    /// <summary>Writes a file from its start to wherever its end is found: its length is not known before.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="IOException">The client is gone or took too long, or the file cannot be read.</exception>
    public ValueTask WriteToEndAsync(SafeFileHandle file) => CopyFileAsync(file, 0, -1);

    public override void Flush() => Wait(SendAsync());

    public override Task FlushAsync(CancellationToken cancellationToken) => SendAsync().AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Wfile is for writing.");

    private int Admit(int count)
    {
        count = (int)Limit(count);
        Written += count;
        return count;
    }

    /// <summary>How many of the bytes count: what was promised bounds them, and without a body none does.</summary>
    private long Limit(long count)
    {
        switch (_framing)
        {
            case Framing.HeadOpen:
                throw new InvalidOperationException(
                    "The head of the answer is not ended: call EndHeaders before writing to Wfile.");
            case Framing.None:
                return 0;
            case Framing.Length when count > _promised - Written:
                Overrun = true;
                return _promised - Written;
            default:
                return count;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_framing == Framing.Chunked && _openChunk < 0)
        {
            _openChunk = output.Count;
            output.GetSpan(ChunkHead);
            output.Advance(ChunkHead);
        }

        output.Append(bytes);
        // Four digits hold 65,535; a part is smaller than 16 KiB, so closing here keeps the size below it.
        if (_openChunk >= 0 && output.Count - _openChunk >= FlushThreshold)
            CloseChunk();
    }

    private void CloseChunk()
    {
        if (_openChunk < 0)
            return;
        var size = output.Count - _openChunk - ChunkHead;
        WriteSize(output.At(_openChunk, ChunkHead), size);
        output.Append("\r\n"u8);
        _openChunk = -1;
    }

    private static void WriteSize(Span<byte> to, int size)
    {
        for (var digit = 3; digit >= 0; digit--, size >>= 4)
            to[digit] = "0123456789abcdef"u8[size & 15];
        "\r\n"u8.CopyTo(to[4..]);
    }

    private ValueTask SendAsync()
    {
        CloseChunk();
        return output.FlushAsync();
    }

    private async ValueTask SendFileAsync(SafeFileHandle file, long start, long length)
    {
        length = Limit(length);
        while (length > 0)
        {
            var count = await output.FlushWithAsync(file, start, length).ConfigureAwait(false);
            if (count == 0)
                throw ContentCutException.Ended();
            Written += count;
            start += count;
            length -= count;
        }
    }

    /// <summary>
    /// Through a block of memory: what is so small that it leaves together with the head, or what goes in
    /// chunks.
    /// </summary>
    private async ValueTask CopyFileAsync(SafeFileHandle file, long start, long length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(WorthSendingAlone);
        try
        {
            while (length != 0)
            {
                // The disk may be slow, and with inline completions this would hold up other connections.
                if (InlineCompletions.IsEnabled)
                    await Task.Yield();
                var most = length < 0 ? WorthSendingAlone : (int)Math.Min(length, WorthSendingAlone);
                var count = FileBlock.Read(file, buffer.AsSpan(0, most), start);
                if (count == 0 && length > 0)
                    throw ContentCutException.Ended();
                if (count == 0)
                    return;
                await WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
                start += count;
                if (length > 0)
                    length -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask SendAloneAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_framing != Framing.Chunked)
        {
            await output.FlushWithAsync(bytes).ConfigureAwait(false);
            return;
        }

        CloseChunk();
        output.Append(bytes.Length.ToString("x", System.Globalization.CultureInfo.InvariantCulture));
        output.Append("\r\n"u8);
        await output.FlushWithAsync(bytes).ConfigureAwait(false);
        output.Append("\r\n"u8);
    }
}
