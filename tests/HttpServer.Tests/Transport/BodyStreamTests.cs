using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.Transport;

/// <summary>Rfile and Wfile as streams: every way to read and write means the same.</summary>
public sealed class BodyStreamTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

    public static TheoryData<Func<Stream, byte[], ValueTask>> Writers => new((IEnumerable<Func<Stream, byte[], ValueTask>>)[
        static (stream, bytes) => stream.WriteAsync(bytes),
        static (stream, bytes) => new(stream.WriteAsync(bytes, 0, bytes.Length)),
        static (stream, bytes) =>
        {
            stream.Write(bytes);
            return default;
        },
        static (stream, bytes) =>
        {
            stream.Write(bytes, 0, bytes.Length);
            return default;
        },
        static async (stream, bytes) =>
        {
            foreach (var value in bytes)
                stream.WriteByte(value);
            await stream.FlushAsync();
        }]);

    [Theory]
    [MemberData(nameof(Writers), DisableDiscoveryEnumeration = true)]
    public async Task What_is_written_arrives_whole_and_in_order_in_every_framing(Func<Stream, byte[], ValueTask> write)
    {
        var parts = new[] { 0, 1, 15, 16 * 1024 - 1, 16 * 1024, 40_000, 3, 33_000, 1, 100_000 }.Select(Pattern).ToList();
        var whole = parts.SelectMany(part => part).ToArray();
        foreach (var header in new[] { null, $"{whole.Length}" })
        {
            await using var server = ActionHandler.ServeAsync(async handler =>
            {
                handler.SendResponse(200);
                if (header is not null)
                    handler.SendHeader("Content-Length", header);
                handler.EndHeaders();
                foreach (var part in parts)
                    await write(handler.Wfile, part);
            });
            using var client = await server.ConnectAsync();
            await client.SendAsync("GET / HTTP/1.0\r\n\r\n");
            Assert.Equal(whole, (await client.ReadResponseAsync()).Body);
            using var modern = await server.ConnectAsync();
            await modern.SendAsync(Get + Get);
            Assert.Equal(whole, (await modern.ReadResponseAsync()).Body);
            Assert.Equal(whole, (await modern.ReadResponseAsync()).Body);
        }
    }

    [Fact]
    public async Task Small_writes_are_gathered_into_one()
    {
        using var conversation = new Conversation(ActionHandler.Of(handler =>
        {
            handler.SendResponse(200);
            handler.EndHeaders();
            for (var n = 0; n < 100; n++)
                handler.Wfile.Write("line\n"u8);
        }));
        conversation.Stream.Feed(Get);
        await conversation.Stream.WaitForWaitAsync();
        Assert.Single(conversation.Stream.Writes);
        Assert.Contains("\r\n\r\n01f4\r\nline\n", conversation.Stream.Output);
    }

    [Fact]
    public async Task A_flush_sends_what_there_is()
    {
        using var conversation = new Conversation(new ActionHandler(async handler =>
        {
            handler.SendResponse(200);
            handler.EndHeaders();
            await handler.Wfile.WriteAsync("now"u8.ToArray());
            await handler.Wfile.FlushAsync();
            handler.Rfile.ReadByte();
        }));
        conversation.Stream.Feed("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n");
        await conversation.Stream.WaitForWaitAsync();
        Assert.EndsWith("\r\n\r\n0003\r\nnow\r\n", conversation.Stream.Output);
    }

    [Fact]
    public async Task The_streams_go_one_way_and_have_no_length()
    {
        var answer = await Conversation.AskAsync(
            ActionHandler.Of(handler =>
            {
                Assert.Equal((true, false, false), (handler.Rfile.CanRead, handler.Rfile.CanWrite, handler.Rfile.CanSeek));
                Assert.Equal((false, true, false), (handler.Wfile.CanRead, handler.Wfile.CanWrite, handler.Wfile.CanSeek));
                Assert.Throws<NotSupportedException>(() => handler.Rfile.WriteByte(1));
                Assert.Throws<NotSupportedException>(() => handler.Wfile.ReadByte());
                Assert.Throws<NotSupportedException>(() => handler.Rfile.Length);
                Assert.Throws<NotSupportedException>(() => handler.Wfile.Position = 1);
                Assert.Throws<NotSupportedException>(() => handler.Wfile.Seek(0, SeekOrigin.Begin));
                Assert.Throws<NotSupportedException>(() => handler.Wfile.SetLength(1));
                handler.SendText("reached");
            }),
            Get);
        Assert.EndsWith("reached", answer);
    }

    [Fact]
    public async Task Reading_beyond_the_end_gives_nothing_for_ever()
    {
        var counts = new List<int>();
        await Conversation.AskAsync(
            new ActionHandler(async handler =>
            {
                var buffer = new byte[10];
                for (var n = 0; n < 3; n++)
                    counts.Add(await handler.Rfile.ReadAsync(buffer));
                counts.Add(handler.Rfile.Read(buffer, 0, 10));
                counts.Add(handler.Rfile.ReadByte());
                handler.SendText("");
            }),
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody" + Get);
        Assert.Equal([4, 0, 0, 0, -1], counts[..5]);
    }

    [Fact]
    public async Task A_chunked_body_longer_than_the_buffer_with_long_extensions_and_trailers_is_read()
    {
        var request = new StringBuilder("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (var n = 0; n < 50; n++)
            request.Append($"3e8;{new string('x', 4000)}\r\n").Append((char)('a' + (n % 26)), 1000).Append("\r\n");
        request.Append("0\r\n").Append($"X: {new string('y', 3000)}\r\n", 0, 3005).Append($"Y: {new string('z', 9000)}\r\n\r\n");
        long length = 0;
        var answer = await Conversation.AskAsync(
            new ActionHandler(async handler =>
            {
                using var body = new MemoryStream();
                await handler.Rfile.CopyToAsync(body);
                length += body.Length;
                handler.SendText("");
            }),
            request + Get);
        Assert.Equal(50_000, length);
        Assert.Equal(2, answer.Split("HTTP/1.1 200 OK").Length - 1);
    }

    private static byte[] Pattern(int length) => [.. Enumerable.Range(0, length).Select(n => (byte)(n * 7))];
}
