using System.Buffers.Binary;
using System.Text;

namespace Http.Server.Tests.Support;

/// <summary>The client's end of a WebSocket that sends exactly the frames it is told to.</summary>
internal sealed class WebSocketPeer : IDisposable
{
    public const string Handshake = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + Key;

    public const string Key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private static readonly byte[] Mask = [0x37, 0xfa, 0x21, 0x3d];

    private WebSocketPeer(RawClient client, RawResponse answer) => (Client, Answer) = (client, answer);

    public RawClient Client { get; }

    /// <summary>The answer to the handshake.</summary>
    public RawResponse Answer { get; }

    /// <summary>Opens a WebSocket.</summary>
    /// <param name="server">The server.</param>
    /// <param name="headers">More headers.</param>
    /// <param name="path">The path.</param>
    /// <param name="first">What is sent together with the handshake.</param>
    public static async Task<WebSocketPeer> OpenAsync(RunningServer server, string headers = "", string path = "/", byte[]? first = null) =>
        await OpenAsync(await server.ConnectAsync(), headers, path, first);

    /// <inheritdoc cref="OpenAsync(RunningServer, string, string, byte[])"/>
    public static async Task<WebSocketPeer> OpenAsync(RawClient client, string headers = "", string path = "/", byte[]? first = null)
    {
        byte[] request = [.. Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: test\r\n{Handshake}{headers}\r\n"), .. first ?? []];
        await client.SendAsync(request);
        var answer = await client.ReadResponseAsync(isHead: true);
        Assert.Equal(101, answer.Status);
        return new WebSocketPeer(client, answer);
    }

    /// <summary>The bytes of a frame.</summary>
    public static byte[] Frame(int opcode, byte[] payload, bool isFinal = true, int reserved = 0, bool isMasked = true)
    {
        var frame = new List<byte> { (byte)((isFinal ? 0x80 : 0) | (reserved << 4) | opcode) };
        var mask = isMasked ? 0x80 : 0;
        if (payload.Length < 126)
        {
            frame.Add((byte)(mask | payload.Length));
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            frame.AddRange([(byte)(mask | 126), (byte)(payload.Length >> 8), (byte)payload.Length]);
        }
        else
        {
            var length = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(length, payload.Length);
            frame.AddRange([(byte)(mask | 127), .. length]);
        }

        if (isMasked)
            frame.AddRange(Mask);
        frame.AddRange(payload.Select((value, at) => (byte)(isMasked ? value ^ Mask[at % 4] : value)));
        return [.. frame];
    }

    /// <summary>The bytes of a whole text.</summary>
    public static byte[] Text(string text) => Frame(1, Encoding.UTF8.GetBytes(text));

    /// <summary>The bytes of a close.</summary>
    public static byte[] Close(int code, string reason = "") => Frame(8, [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);

    public Task SendAsync(params byte[][] frames) => Client.SendAsync(frames.SelectMany(static frame => frame).ToArray());

    public Task SendTextAsync(string text) => SendAsync(Text(text));

    /// <summary>The next frame; a server's are not masked.</summary>
    public async Task<(int First, byte[] Payload)> ReadFrameAsync()
    {
        var head = await Client.ReadAsync(2);
        Assert.True(head[1] < 128, "A frame of the server is masked.");
        var length = head[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await Client.ReadAsync(2)),
            127 => (int)BinaryPrimitives.ReadUInt64BigEndian(await Client.ReadAsync(8)),
            var small => small,
        };
        return (head[0], await Client.ReadAsync(length));
    }

    /// <summary>The next frame, which is a whole text.</summary>
    public async Task<string> ReadTextAsync()
    {
        var (first, payload) = await ReadFrameAsync();
        Assert.Equal(0x81, first);
        return Encoding.UTF8.GetString(payload);
    }

    /// <summary>The next frame in short: <c>text:abc</c>, <c>binary:00ff</c>, <c>pong:abc</c>, <c>close:1000</c>.</summary>
    public async Task<string> ReadAsync()
    {
        var (first, payload) = await ReadFrameAsync();
        return first switch
        {
            0x81 => "text:" + Encoding.UTF8.GetString(payload),
            0x82 => "binary:" + Convert.ToHexStringLower(payload),
            0x88 => "close:" + (payload.Length == 0 ? "" : BinaryPrimitives.ReadUInt16BigEndian(payload)),
            0x89 => "ping:" + Encoding.UTF8.GetString(payload),
            0x8a => "pong:" + Encoding.UTF8.GetString(payload),
            _ => $"{first:x2}:{Convert.ToHexStringLower(payload)}",
        };
    }

    /// <summary>The close that comes next, and its reason; then the connection ends.</summary>
    public async Task<(int Code, string Reason)> ReadCloseAsync()
    {
        var (first, payload) = await ReadFrameAsync();
        Assert.Equal(0x88, first);
        Assert.Empty(await Client.ReadToEndAsync());
        return (BinaryPrimitives.ReadUInt16BigEndian(payload), Encoding.UTF8.GetString(payload[2..]));
    }

    public void Dispose() => Client.Dispose();
}
