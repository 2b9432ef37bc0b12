using System.Collections;
using System.Net;
using System.Text;
using Http.Server.PowerShell.Handlers.SocketCalls;
using Http.Server.WebSockets;

namespace Http.Server.PowerShell;

/// <summary>A WebSocket as its scripts see it: <c>$this</c>. It may be kept, and used from other scripts.</summary>
public sealed class ScriptWebSocket
{
    /// <summary>What a client may be told of its message, in bytes of UTF-8.</summary>
    private const int MaxReasonLength = 123;

    private readonly HttpWebSocket _socket;
    private readonly ScriptRequest _request;
    private readonly HttpWebSocketChannels _channels;

    internal ScriptWebSocket(HttpWebSocket socket, ScriptRequest request, HttpWebSocketChannels channels) =>
        (_socket, _request, _channels) = (socket, request, channels);

    /// <summary>Names the WebSocket: no other one has it, of whatever server.</summary>
    public string Id => _socket.Id;

    /// <summary>The path that it was opened with, decoded, without the query.</summary>
    public string Path => _request.Path;

    /// <summary>The values of the path's placeholders, by name.</summary>
    public IReadOnlyDictionary<string, string> RouteValues => _request.RouteValues;

    /// <summary>The user; null if nobody was asked to log in.</summary>
    public HttpUser? User => _socket.User;

    /// <summary>The client's address; null for a Unix domain socket.</summary>
    public IPAddress? RemoteAddress => (_socket.ClientAddress as IPEndPoint)?.Address;

    /// <summary>The subprotocol that was agreed on; null for none.</summary>
    public string? SubProtocol => _socket.SubProtocol;

    /// <summary>Whether something can be sent, as far as is known.</summary>
    public bool IsOpen => _socket.IsOpen;

    /// <summary>The channels that it is in.</summary>
    public IReadOnlyList<string> Channels => _socket.GetChannels().ToArray();

    /// <summary>A table for the scripts, which lasts as long as the WebSocket.</summary>
    public Hashtable Items { get; } = Hashtable.Synchronized(new Hashtable(StringComparer.OrdinalIgnoreCase));

    /// <summary>
    /// Sends a message: a text as it is, bytes as a binary message, anything else as JSON. It is not waited for until the client
    /// has got it. Nothing is sent to a client that is gone.
    /// </summary>
    /// <param name="message">The message.</param>
    public void Send(object? message)
    {
        var made = SocketOutput.MessageOf(message);
        if (made is byte[] bytes)
            _socket.Post(bytes);
        else
            _socket.Post((string)made);
    }

    /// <summary>
    /// Waits until the client's connection has taken what was sent: for scripts that send much, faster than the client takes it.
    /// </summary>
    public void Flush() => _socket.FlushAsync().GetAwaiter().GetResult();

    /// <summary>Has it join a channel: it gets what <c>Send-HttpMessage</c> sends to that from now on.</summary>
    /// <param name="channel">The channel's name, 1 to 200 characters; upper and lower case are one.</param>
    public void Join(string channel) => _channels.JoinAsync(_socket, channel).AsTask().GetAwaiter().GetResult();

    /// <summary>Has it leave a channel.</summary>
    /// <param name="channel">The channel's name.</param>
    public void Leave(string channel) => _channels.Leave(_socket, channel);

    /// <summary>Says goodbye when all has been sent. Messages that come after that are dropped.</summary>
    public void Close() => _socket.Close();

    /// <inheritdoc cref="Close()"/>
    /// <param name="code">The status: 1000 to 1003, 1007 to 1014, or one of your own, 3000 to 4999.</param>
    public void Close(int code) => _socket.Close(code);

    /// <inheritdoc cref="Close(int)"/>
    /// <param name="code">The status: 1000 to 1003, 1007 to 1014, or one of your own, 3000 to 4999.</param>
    /// <param name="reason">What else there is to say: up to 123 bytes in UTF-8.</param>
    public void Close(int code, string reason) => _socket.Close(code, reason ?? "");

    /// <summary>The id, the path and the client.</summary>
    public override string ToString() => $"{Id} {Path} {RemoteAddress}".TrimEnd();

    /// <summary>Ends it because of a message that is not what it should be.</summary>
    internal void Refuse(string reason)
    {
        while (Encoding.UTF8.GetByteCount(reason) > MaxReasonLength)
            reason = reason[..^(char.IsLowSurrogate(reason[^1]) ? 2 : 1)];
        _socket.Close(1007, reason);
    }
}
