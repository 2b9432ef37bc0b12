using System.Buffers;
using System.Net.WebSockets;
using System.Text.Unicode;
using Http.Server.WebSockets.Frames;

namespace Http.Server.WebSockets;

/// <summary>Puts the messages of a client together, one at a time. While none has begun, no buffer is held.</summary>
internal sealed class MessageReceiver(WebSocket socket, int maxMessageSize)
{
    private const int FirstSize = 4096;

    private byte[] _buffer = [];
    private int _count;

    /// <summary>Receives the next message; the one before is gone.</summary>
    /// <returns>Null after the client's goodbye.</returns>
    /// <exception cref="WebSocketException">The client broke the protocol, or is gone.</exception>
    /// <exception cref="WebSocketFault">The message is too long.</exception>
    public async ValueTask<HttpWebSocketMessage?> ReceiveAsync()
    {
        Release();
        // Without a buffer the beginning of a message is waited for; one without a byte is whole with that.
        var result = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None).ConfigureAwait(false);
        while (result.MessageType != WebSocketMessageType.Close && !result.EndOfMessage)
        {
            MakeRoom();
            result = await socket.ReceiveAsync(_buffer.AsMemory(_count), CancellationToken.None).ConfigureAwait(false);
            _count += result.Count;
            // The gate has seen how long it is on the way.
            if (_count > maxMessageSize)
                throw FrameGate.TooBig(maxMessageSize);
        }

        // The engine does not look at the end of a text again whose last part is empty.
        if (result is { MessageType: WebSocketMessageType.Text, Count: 0 } && !Utf8.IsValid(_buffer.AsSpan(0, _count)))
            throw new WebSocketFault(CloseCode.InvalidData, "A text is UTF-8.");
        return result.MessageType == WebSocketMessageType.Close
            ? null
            : new HttpWebSocketMessage(_buffer.AsMemory(0, _count), result.MessageType == WebSocketMessageType.Text);
    }

    /// <summary>Gives the buffer back, and the message with it.</summary>
    public void Release()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _count = 0;
    }

    private void MakeRoom()
    {
        if (_count < _buffer.Length)
            return;
        // One byte more than there may be tells that there are too many.
        var larger = ArrayPool<byte>.Shared.Rent(
            Math.Clamp(_buffer.Length * 2, FirstSize, Math.Max(maxMessageSize + 1, FirstSize)));
        _buffer.AsSpan(0, _count).CopyTo(larger);
        var count = _count;
        Release();
        (_buffer, _count) = (larger, count);
    }
}
