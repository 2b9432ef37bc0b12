using System.Text;

namespace Http.Server.WebSockets;

/// <summary>
/// A message of a channel on its way between processes: a byte that says what it is, the id of the WebSocket that does not get it
/// with its length before it, and the message.
/// </summary>
internal static class ChannelMessage
{
    private const byte Text = (byte)'t';
    private const byte Binary = (byte)'b';

    public static byte[] Write(in OutgoingMessage message, string? exceptId)
    {
        var id = exceptId ?? "";
        var written = new byte[2 + id.Length + message.Bytes.Length];
        (written[0], written[1]) = (message.IsText ? Text : Binary, (byte)id.Length);
        Encoding.ASCII.GetBytes(id, written.AsSpan(2));
        message.Bytes.Span.CopyTo(written.AsSpan(2 + id.Length));
        return written;
    }

    /// <returns>False if it is none.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> written, out OutgoingMessage message, out string? exceptId)
    {
        (message, exceptId) = (default, null);
        var bytes = written.Span;
        if (bytes.Length < 2 || bytes[0] is not (Text or Binary) || bytes.Length < 2 + bytes[1])
            return false;
        exceptId = bytes[1] == 0 ? null : Encoding.ASCII.GetString(bytes.Slice(2, bytes[1]));
        message = new OutgoingMessage(written[(2 + bytes[1])..], bytes[0] == Text);
        return true;
    }
}
