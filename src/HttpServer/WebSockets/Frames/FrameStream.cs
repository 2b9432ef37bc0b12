using System.Buffers;
using System.Buffers.Binary;
using Http.Server.Transport;

namespace Http.Server.WebSockets.Frames;

/// <summary>
/// A connection as the engine reads and writes it, frame by frame: what the client sends passes the gate, and pings go out
/// between the engine's frames. While nothing comes, no buffer is held.
/// </summary>
/// <remarks>
/// Pings are made here because the engine's count the time in which nothing is read: a client whose message runs for long would
/// be taken for a dead one. The engine writes each frame in one piece, so something may go between two of them.
/// </remarks>
internal sealed class FrameStream(Connection connection, FrameGate gate) : BodyStream
{
    private const int BlockSize = 4096;
    private const int CloseOpcode = 8;

    private static readonly byte[] PingFrame = [0x89, 0];

    private readonly SemaphoreSlim _writing = new(1, 1);
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private long _readingSince;
    private long _writingSince;
    private int _writingLength;
    private long _receivedAt = connection.Clock.Milliseconds;
    private long _usedAt = connection.Clock.Milliseconds;
    private long _messageWait;
    private long _messageBytes;
    private volatile int _sentClose;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    /// <summary>Waited for before a client is refused, which cannot be sent anything then; null for nothing.</summary>
    public Func<Task>? BeforeRefusal { get; set; }

    /// <summary>Why the client was refused; null if it was not.</summary>
    public WebSocketFault? Fault { get; private set; }

    /// <summary>The client has ended its side, or reading was stopped.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The status of the close that was sent; 0 while none was.</summary>
    public int SentClose => _sentClose;

    /// <summary>Since when the client is waited for, by the server's clock in milliseconds; 0 if it is not.</summary>
    public long ReadingSince => Volatile.Read(ref _readingSince);

    /// <summary>Since when a frame waits for the client to take it, and its length; 0 if none does.</summary>
    public (long Since, int Length) Writing => (Volatile.Read(ref _writingSince), Volatile.Read(ref _writingLength));

    /// <summary>When the last bytes came.</summary>
    public long ReceivedAt => Volatile.Read(ref _receivedAt);

    /// <summary>When something of a message came or went.</summary>
    public long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>
    /// How much of a message that is not whole yet has come, and how long the client was waited for meanwhile in milliseconds.
    /// </summary>
    public (long Bytes, long Wait) PartialMessage => (Volatile.Read(ref _messageBytes), Volatile.Read(ref _messageWait));

    /// <summary>Whether a message has begun that is not whole yet.</summary>
    public bool IsInMessage => gate.IsInMessage;

    private long Now => Math.Max(connection.Clock.Milliseconds, 1);

    /// <inheritdoc/>
    /// <remarks>With no room it waits until there is something to read.</remarks>
    /// <exception cref="WebSocketFault">The client broke the protocol or a limit.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_end > _start)
            {
                if (buffer.IsEmpty)
                    return 0;
                var count = Admit(buffer.Length);
                if (Fault is { } fault)
                    await RefuseAsync(fault).ConfigureAwait(false);
                if (count > 0)
                {
                    _buffer.AsSpan(_start, count).CopyTo(buffer.Span);
                    _start += count;
                    return count;
                }
            }

            if (!await FillAsync().ConfigureAwait(false))
                return 0;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The client is gone or took too long.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await SendAsync(buffer).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends a close, if none was sent yet.</summary>
    public ValueTask SendCloseAsync(int code, string reason) => WriteAsync(CloseCode.MakeFrame(code, reason));

    /// <summary>Sends a ping, unless something is being sent.</summary>
    /// <returns>False if none was sent.</returns>
    public bool TryPing()
    {
        if (_sentClose != 0 || !_writing.Wait(0))
            return false;
        _ = PingAsync();
        return true;
    }

    /// <summary>Gives the buffer back. Nothing may be read any more.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => Wait(ReadAsync(buffer.AsMemory(offset, count)));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Wait(WriteAsync(buffer.AsMemory(offset, count)));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private int Admit(int room)
    {
        try
        {
            var count = gate.Admit(_buffer.AsSpan(_start, _end - _start), room);
            Measure(count);
            if (gate.IsData)
                Volatile.Write(ref _usedAt, Now);
            return count;
        }
        catch (WebSocketFault fault)
        {
            Fault = fault;
            return 0;
        }
    }

    private async ValueTask RefuseAsync(WebSocketFault fault)
    {
        if (BeforeRefusal is { } wait)
            await wait().ConfigureAwait(false);
        throw fault;
    }

    private void Measure(int count)
    {
        if (gate.IsInMessage)
            Volatile.Write(ref _messageBytes, _messageBytes + count);
        else
            (_messageBytes, _messageWait) = (0, 0);
    }

    private async ValueTask<bool> FillAsync()
    {
        // What came with the handshake's head.
        if (connection.Input.HasBuffered)
        {
            var buffered = connection.Input.Buffered;
            MakeRoom(buffered.Length);
            buffered.CopyTo(_buffer.AsSpan(_end));
            _end += buffered.Length;
            connection.Input.Consume(buffered.Length);
            return true;
        }

        var since = Now;
        Volatile.Write(ref _readingSince, since);
        try
        {
            var count = await ReceiveAsync().ConfigureAwait(false);
            _end += count;
            HasEnded = count == 0;
            if (count > 0)
                Volatile.Write(ref _receivedAt, Now);
            return count > 0;
        }
        finally
        {
            if (gate.IsInMessage)
                Volatile.Write(ref _messageWait, _messageWait + Now - since);
            Volatile.Write(ref _readingSince, 0);
        }
    }

    private async ValueTask<int> ReceiveAsync()
    {
        if (!connection.WaitsWithoutBuffer)
        {
            if (_start == _end)
            {
                Release();
                await connection.ReceiveHeadAsync(Memory<byte>.Empty).ConfigureAwait(false);
            }

            MakeRoom(BlockSize);
            return await connection.ReceiveHeadAsync(_buffer.AsMemory(_end)).ConfigureAwait(false);
        }

        while (!connection.ReadStopped)
        {
            MakeRoom(BlockSize);
            if (connection.TryReceiveHead(_buffer.AsSpan(_end), out var count))
                return count;
            if (_start == _end)
                Release();
            await connection.WaitForHeadAsync().ConfigureAwait(false);
        }

        return 0;
    }

    /// <summary>A rest is a part of a frame's header at most.</summary>
    private void MakeRoom(int size)
    {
        var rest = _end - _start;
        if (_buffer.Length - rest < size)
        {
            var larger = ArrayPool<byte>.Shared.Rent(rest + size);
            _buffer.AsSpan(_start, rest).CopyTo(larger);
            Release();
            _buffer = larger;
        }
        else
        {
            _buffer.AsSpan(_start, rest).CopyTo(_buffer);
        }

        (_start, _end) = (0, rest);
    }

    private async Task PingAsync()
    {
        try
        {
            await SendAsync(PingFrame).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException || ExpectedFaults.IsConnectionEnd(exception))
        {
            // Who reads learns of it.
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends a frame; after a close nothing follows.</summary>
    private async ValueTask SendAsync(ReadOnlyMemory<byte> frame)
    {
        if (_sentClose != 0)
            return;
        var opcode = frame.Span[0] & 0x0f;
        if (opcode < CloseOpcode)
            Volatile.Write(ref _usedAt, Now);
        else if (opcode == CloseOpcode)
            _sentClose = frame.Length >= 4 ? BinaryPrimitives.ReadUInt16BigEndian(frame.Span[2..]) : CloseCode.NoStatus;
        _writingLength = frame.Length;
        Volatile.Write(ref _writingSince, Now);
        try
        {
            await connection.SendAsync(frame).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _writingSince, 0);
        }
    }
}
