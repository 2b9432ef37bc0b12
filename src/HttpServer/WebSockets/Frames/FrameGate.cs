using System.Buffers.Binary;

namespace Http.Server.WebSockets.Frames;

/// <summary>
/// Lets the bytes of a client's frames through, one frame at a time, and refuses what breaks the protocol (RFC 6455, section 5)
/// or a limit as soon as it shows: bytes in, a number of bytes out.
/// </summary>
/// <remarks>
/// The engine, .NET's, takes frames that a server must refuse: those without a mask, for example, and compressed control frames.
/// Of a message it knows no limit. And a client that is silent could not be told from one whose answer to a ping waits behind a
/// message that is not read yet.
/// </remarks>
/// <param name="maxMessageSize">Longest message in bytes.</param>
/// <param name="takesCompressed">Messages may be compressed: then the limit is kept where they are unpacked too.</param>
/// <param name="rate">Counts messages and pings; null for any number.</param>
internal sealed class FrameGate(long maxMessageSize, bool takesCompressed, MessageRate? rate)
{
    private const int MaskLength = 4;
    private const int MaxControlLength = 125;

    /// <summary>
    /// What a compressed message may be longer than unpacked: zlib's own bound for data that cannot be compressed is less.
    /// </summary>
    private const int CompressionOverhead = 1024;

    private long _frameLeft;
    private long _messageSize;
    private long _messageLimit;
    private bool _isFragmented;

    /// <summary>The client's close has a status.</summary>
    public bool HasCloseCode { get; private set; }

    /// <summary>The frame that is passed on, or was last, is of a message.</summary>
    public bool IsData { get; private set; }

    /// <summary>Whether a message has begun that is not whole yet.</summary>
    public bool IsInMessage => _isFragmented || (IsData && _frameLeft > 0);

    /// <summary>How many of the bytes may be passed on now.</summary>
    /// <param name="bytes">What has come, from where the last call has left off.</param>
    /// <param name="room">Most bytes that are taken.</param>
    /// <returns>0 if more bytes have to come first.</returns>
    /// <exception cref="WebSocketFault">What follows is to be refused.</exception>
    public int Admit(ReadOnlySpan<byte> bytes, int room)
    {
        if (_frameLeft == 0 && !TryBeginFrame(bytes))
            return 0;
        var count = (int)Math.Min(Math.Min(_frameLeft, bytes.Length), room);
        _frameLeft -= count;
        return count;
    }

    private static WebSocketFault Broken(string message) => new(CloseCode.ProtocolError, message);

    private bool TryBeginFrame(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
            return false;
        var (isFinal, opcode) = ((bytes[0] & 0x80) != 0, bytes[0] & 0x0f);
        var isControl = opcode >= 8;
        // What the first two bytes tell is refused without waiting for more.
        CheckStart(bytes[0], bytes[1], isFinal, opcode);
        var shortLength = bytes[1] & 0x7f;
        var extended = shortLength switch { 126 => 2, 127 => 8, _ => 0 };
        var header = 2 + extended + MaskLength;
        if (bytes.Length < header)
            return false;
        var length = extended switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => (ulong)shortLength,
        };
        if (length > long.MaxValue || (extended == 2 && length < 126) || (extended == 8 && length <= ushort.MaxValue))
            throw Broken("The length of a frame is written in as few bytes as can be.");
        IsData = !isControl;
        if (isControl)
            HasCloseCode |= opcode == 8 && length >= 2;
        else
            CountData((long)length, isFinal, opcode, (bytes[0] & 0x40) != 0);
        if (opcode is not (0 or 8) && rate?.TryTake() == false)
            throw new WebSocketFault(CloseCode.PolicyViolation, "Too many messages.");
        _frameLeft = header + (long)length;
        return true;
    }

    private void CheckStart(byte first, byte second, bool isFinal, int opcode)
    {
        if (opcode is (> 2 and < 8) or > 10)
            throw Broken("The opcode of a frame is reserved.");
        // Reserved bits: the first one marks compressed messages, at their beginning (RFC 7692, section 6).
        if ((first & 0x30) != 0 || ((first & 0x40) != 0 && !(takesCompressed && opcode is 1 or 2)))
            throw Broken("A reserved bit of a frame is set.");
        if ((second & 0x80) == 0)
            throw Broken("A client's frames are masked.");
        if (opcode >= 8 && (!isFinal || (second & 0x7f) > MaxControlLength))
            throw Broken($"A control frame is whole, and has {MaxControlLength} bytes at most.");
        if (opcode == 0 ? !_isFragmented : opcode < 8 && _isFragmented)
            throw Broken(_isFragmented ? "A message began before the last one had ended." : "There is nothing to continue.");
    }

    private void CountData(long length, bool isFinal, int opcode, bool isCompressed)
    {
        if (opcode != 0)
            (_messageSize, _messageLimit) = (0, maxMessageSize + (isCompressed ? CompressionOverhead : 0));
        if (length > _messageLimit - _messageSize)
            throw TooBig(maxMessageSize);
        _messageSize += length;
        _isFragmented = !isFinal;
    }

    /// <summary>What a client is told whose message is too long.</summary>
    public static WebSocketFault TooBig(long most) => new(CloseCode.TooBig, $"A message has {most} bytes at most.");
}
