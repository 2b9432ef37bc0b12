using System.Security.Cryptography;
using System.Text;
using Http.Server.Admission;
using Http.Server.Headers;
using Http.Server.Transport;

namespace Http.Server.WebSockets;

/// <summary>The handshake of a WebSocket (RFC 6455, section 4): a GET that asks for another protocol.</summary>
internal static class WebSocketHandshake
{
    /// <summary>What the answer to another version is told, and the only one that there is.</summary>
    public const string Version = "13";

    /// <summary>What SendError tells clients to ask for.</summary>
    public const string Name = "websocket";

    /// <summary>A key is 16 bytes in Base64.</summary>
    private const int KeyLength = 16;

    /// <summary>Proves that the key was seen by something that knows WebSockets (RFC 6455, section 1.3).</summary>
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>The refusal of a page of another origin.</summary>
    public static Refusal ForeignOrigin { get; } = new(403, "Pages of other origins may not open WebSockets here.");

    private static Refusal NoHandshake { get; } = new(
        426, "Here is a WebSocket: ask for it by GET, in HTTP/1.1, with Connection: Upgrade and Upgrade: websocket.",
        Upgrade: Name);

    private static Refusal OtherVersion { get; } = new(
        426, $"The version of the WebSocket protocol is {Version} (RFC 6455).", Upgrade: Name);

    private static Refusal WrongKey { get; } = new(
        400, "Sec-WebSocket-Key has to be there once, and to be 16 bytes in Base64.");

    private static Refusal HasBody { get; } = new(400, "A request for a WebSocket has no body.");

    /// <summary>Whether a request asks for a WebSocket, rightly or not.</summary>
    public static bool IsAskedFor(IHandlerContext context) => context.Command == "GET"
        && context.Connection.Input.Head.MinorVersion >= 1 && Lists(context, "upgrade"u8, Name);

    /// <summary>Why a request is no handshake that can be agreed to; null if it is one.</summary>
    public static Refusal? FindRefusal(IHandlerContext context)
    {
        if (!IsAskedFor(context) || !Lists(context, "connection"u8, "upgrade"))
            return NoHandshake;
        if (context.Headers.GetAll("Sec-WebSocket-Version") is not [Version])
            return OtherVersion;
        if (context.Headers.GetAll("Sec-WebSocket-Key") is not [var key] || !IsKey(key))
            return WrongKey;
        return context.Connection.Input.Head.HasBody ? HasBody : null;
    }

    /// <summary>Agrees to a handshake that is one.</summary>
    public static WebSocketTerms Agree(IHandlerContext context, HttpWebSocketOptions options)
    {
        // The client lists its subprotocols in the order in which it likes them.
        var subProtocol = options.SubProtocols.Count == 0 ? null
            : ListOf(context, "sec-websocket-protocol"u8).FirstOrDefault(options.SubProtocols.Contains);
        var deflate = options.AllowCompression
            ? DeflateOffer.Take(string.Join(',', context.Headers.GetAll("Sec-WebSocket-Extensions")))
            : null;
        return new WebSocketTerms(
            AcceptOf(context.Headers["Sec-WebSocket-Key"]!), subProtocol, deflate?.Options, deflate?.Answer);
    }

    /// <summary>Sends the answer that agrees.</summary>
    public static void SendHead(IHandlerContext context, WebSocketTerms terms)
    {
        context.SendResponse(101);
        context.SendHeader("Upgrade", Name);
        context.SendHeader("Connection", "Upgrade");
        context.SendHeader("Sec-WebSocket-Accept", terms.Accept);
        if (terms.SubProtocol is { } subProtocol)
            context.SendHeader("Sec-WebSocket-Protocol", subProtocol);
        if (terms.Extensions is { } extensions)
            context.SendHeader("Sec-WebSocket-Extensions", extensions);
        context.EndHeaders();
    }

    private static bool IsKey(string key)
    {
        Span<byte> bytes = stackalloc byte[KeyLength + 2];
        return key.Length == 24 && !key.Contains(' ', StringComparison.Ordinal)
            && Convert.TryFromBase64String(key, bytes, out var length) && length == KeyLength;
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350",
        Justification = "The protocol has it so: it proves nothing but that the key was read.")]
    private static string AcceptOf(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));

    private static bool Lists(IHandlerContext context, ReadOnlySpan<byte> field, string token) =>
        ListOf(context, field).Contains(token, StringComparer.OrdinalIgnoreCase);

    private static string[] ListOf(IHandlerContext context, ReadOnlySpan<byte> field)
    {
        var input = context.Connection.Input;
        var value = RepeatedField.Read(input.Head, input.HeadBytes, field);
        return value.IsEmpty
            ? []
            : Encoding.Latin1.GetString(value).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }
}
