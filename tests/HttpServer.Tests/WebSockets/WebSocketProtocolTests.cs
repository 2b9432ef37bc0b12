using System.IO.Compression;
using System.Text;
using Http.Server.Tests.Support;
using Http.Server.WebSockets.Frames;

namespace Http.Server.Tests.WebSockets;

/// <summary>The protocol, byte by byte.</summary>
public sealed class WebSocketProtocolTests
{
    /// <summary>Longer ones are not sent byte by byte.</summary>
    private const int MaxBytes = 2000;

    public static TheoryData<string, string, string> Cases => new(ProtocolCases.All);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_server_answers_as_the_RFC_has_it(string name, string sent, string answer)
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve();
        var bytes = ProtocolCases.Read(sent);
        // As one piece, as one piece with the handshake, and byte by byte.
        foreach (var way in Enumerable.Range(0, bytes.Length <= MaxBytes ? 3 : 1))
        {
            using var peer = await WebSocketPeer.OpenAsync(server, first: way == 1 ? bytes : null);
            if (way == 0)
                await peer.Client.SendAsync(bytes);
            for (var at = 0; way == 2 && at < bytes.Length; at++)
                await peer.Client.SendAsync(bytes.AsMemory(at, 1));
            foreach (var expected in ProtocolCases.ReadAnswer(answer))
                Assert.True(expected == await peer.ReadAsync(), name);
            if (!answer.Contains("close:", StringComparison.Ordinal))
            {
                await peer.SendAsync(WebSocketPeer.Close(4321));
                Assert.True(await peer.ReadAsync() == "close:4321", name);
            }

            Assert.Empty(await peer.Client.ReadToEndAsync());
            await sockets.TakeClosedAsync();
        }

        Assert.Empty(server.Log.Errors);
        Assert.Equal(0, server.Server.ErrorCount);
    }

    [Theory]
    [InlineData("a message", 4, 1, true, "text:{0}")]
    [InlineData("a continuation that is marked", 4, 0, false, "close:1002")]
    [InlineData("a ping that is marked", 4, 9, true, "close:1002")]
    [InlineData("a close that is marked", 4, 8, true, "close:1002")]
    [InlineData("other bits", 6, 1, true, "close:1002")]
    public async Task Compressed_messages_are_marked_by_a_bit(string what, int bits, int opcode, bool isWhole, string answer)
    {
        await using var server = new TestSockets().Serve(new() { AllowCompression = true });
        using var peer = await OpenCompressedAsync(server);
        var text = "a text that is short";
        if (opcode == 0)
            await peer.SendAsync(WebSocketPeer.Frame(1, [], isFinal: false, reserved: 4));
        await peer.SendAsync(WebSocketPeer.Frame(opcode, Compress(text), isWhole, bits));
        Assert.True(await peer.ReadAsync() == string.Format(System.Globalization.CultureInfo.InvariantCulture, answer, text), what);
    }

    [Fact]
    public async Task A_compressed_message_may_come_in_parts_and_a_plain_one_between()
    {
        await using var server = new TestSockets().Serve(new() { AllowCompression = true });
        using var peer = await OpenCompressedAsync(server);
        var packed = Compress("one and one and one");
        await peer.SendAsync(
            WebSocketPeer.Frame(1, packed[..3], isFinal: false, reserved: 4), WebSocketPeer.Frame(9, [7]), WebSocketPeer.Frame(0, packed[3..]),
            WebSocketPeer.Text("plain"), WebSocketPeer.Frame(1, Compress(""), reserved: 4), WebSocketPeer.Frame(2, Compress("two"), reserved: 4));
        Assert.Equal("pong:\a", await peer.ReadAsync());
        Assert.Equal("text:one and one and one", await peer.ReadAsync());
        Assert.Equal("text:plain", await peer.ReadAsync());
        Assert.Equal("text:", await peer.ReadAsync());
        Assert.Equal("binary:74776f", await peer.ReadAsync());
    }

    [Theory]
    [InlineData("ffffffff", "close:1007")]
    [InlineData("0605", "close:1007")]
    public async Task What_cannot_be_unpacked_ends_the_WebSocket(string packed, string answer)
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { AllowCompression = true });
        using var peer = await OpenCompressedAsync(server);
        await peer.SendAsync(WebSocketPeer.Frame(1, Convert.FromHexString(packed), reserved: 4));
        Assert.Equal(answer, await peer.ReadAsync());
        Assert.Equal(1007, (await sockets.TakeClosedAsync()).Code);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_compressed_message_counts_as_long_as_it_is_unpacked()
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { AllowCompression = true, MaxMessageSize = 100_000 });
        using var peer = await OpenCompressedAsync(server);
        var text = new string('x', 100_000);
        await peer.SendAsync(WebSocketPeer.Frame(1, Compress(text), reserved: 4));
        // What is sent is compressed too: it has the mark, and is short.
        var (first, payload) = await peer.ReadFrameAsync();
        Assert.Equal((0xc1, text), (first, Decompress(payload)));
        Assert.True(payload.Length < 1000);
        await peer.SendAsync(WebSocketPeer.Frame(1, Compress(text + "x"), reserved: 4));
        Assert.Equal(1009, (await peer.ReadCloseAsync()).Code);
        Assert.Equal(1009, (await sockets.TakeClosedAsync()).Code);
    }

    [Fact]
    public async Task Bytes_that_cannot_be_compressed_may_be_as_long_as_others()
    {
        await using var server = new TestSockets().Serve(new() { AllowCompression = true });
        using var peer = await OpenCompressedAsync(server);
        var bytes = new byte[1 << 20];
        new Random(1).NextBytes(bytes);
        var packed = Compress(bytes, CompressionLevel.NoCompression);
        Assert.True(packed.Length > bytes.Length);
        await peer.SendAsync(WebSocketPeer.Frame(2, packed, reserved: 4));
        Assert.Equal(0xc2, (await peer.ReadFrameAsync()).First);
    }

    [Fact]
    public void The_gate_lets_one_frame_through_at_a_time_and_no_more_than_there_is_room_for()
    {
        var gate = new FrameGate(100, takesCompressed: false, rate: null);
        byte[] frames = [.. WebSocketPeer.Text("abc"), .. WebSocketPeer.Text("d")];
        Assert.Equal(0, gate.Admit(frames.AsSpan(0, 5), 100));
        Assert.Equal(4, gate.Admit(frames, 4));
        Assert.Equal(5, gate.Admit(frames.AsSpan(4), 100));
        Assert.Equal(7, gate.Admit(frames.AsSpan(9), 100));
    }

    private static Task<WebSocketPeer> OpenCompressedAsync(RunningServer server) =>
        WebSocketPeer.OpenAsync(server, "Sec-WebSocket-Extensions: permessage-deflate\r\n");

    private static byte[] Compress(string text) => Compress(Encoding.UTF8.GetBytes(text), CompressionLevel.Optimal);

    private static byte[] Compress(byte[] bytes, CompressionLevel level)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, level, leaveOpen: true))
        {
            deflate.Write(bytes);
            deflate.Flush();
            // The end of the flush, 00 00 ff ff, is left out (RFC 7692, section 7.2.1); an empty message is a single zero.
            return packed.Length > 4 ? packed.ToArray()[..^4] : [0];
        }
    }

    private static string Decompress(byte[] packed)
    {
        using var deflate = new DeflateStream(new MemoryStream([.. packed, 0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff]), CompressionMode.Decompress);
        using var reader = new StreamReader(deflate);
        return reader.ReadToEnd();
    }
}
