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
            if (output.Count >= OutputBuffer.FlushThreshold)
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
        return output.Count >= OutputBuffer.FlushThreshold ? SendAsync() : default;
    }

    public override void Flush() => Wait(SendAsync());

    public override Task FlushAsync(CancellationToken cancellationToken) => SendAsync().AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Wfile is for writing.");

    /// <summary>How many of the bytes count: what was promised bounds them, and without a body none does.</summary>
    private int Admit(int count)
    {
        switch (_framing)
        {
            case Framing.HeadOpen:
                throw new InvalidOperationException("The head of the answer is not ended: call EndHeaders before writing to Wfile.");
            case Framing.None:
                return 0;
            case Framing.Length when count > _promised - Written:
                Overrun = true;
                count = (int)(_promised - Written);
                break;
        }

        Written += count;
        return count;
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
        // Four digits hold 65,535; a part is smaller than the flush threshold, so closing here keeps the size below it.
        if (_openChunk >= 0 && output.Count - _openChunk >= OutputBuffer.FlushThreshold)
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
