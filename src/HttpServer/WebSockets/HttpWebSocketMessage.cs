using System.Text;

namespace Http.Server.WebSockets;

/// <summary>A message of a client. It is there for the call that it is given to: what is to last longer is copied.</summary>
public readonly struct HttpWebSocketMessage
{
    internal HttpWebSocketMessage(ReadOnlyMemory<byte> bytes, bool isText) => (Bytes, IsText) = (bytes, isText);

    /// <summary>The message; of a text, its UTF-8, which is valid.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether it is a text, and not binary.</summary>
    public bool IsText { get; }

    /// <summary>The message as text: UTF-8, where what is none in a binary message is replaced.</summary>
    public string ReadText() => Encoding.UTF8.GetString(Bytes.Span);
}
