using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Http.Server.Tests.Support;

namespace Http.Server.Tests.WebSockets;

/// <summary>Clients that others have written: .NET's, the npm package ws, Python's websockets.</summary>
public sealed class WebSocketClientTests
{
    /// <summary>The Python of the system, which has the packages of Debian.</summary>
    private const string SystemPython = "/usr/bin/python3";

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task The_client_of_NET_gets_back_what_it_sends(bool compresses, bool isSecure)
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve(
            new() { AllowCompression = compresses, SubProtocols = ["echo"] }, certificate: isSecure ? ServerCertificate.SelfSigned() : null);
        using var client = new ClientWebSocket();
        client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        client.Options.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        client.Options.AddSubProtocol("echo");
        await client.ConnectAsync(new Uri($"{server.Url.Replace("http", "ws", StringComparison.Ordinal)}/"), Token);
        Assert.Equal("echo", client.SubProtocol);
        for (var size = 0; size < 300_000; size = (size * 3) + 1)
        {
            var text = string.Concat(Enumerable.Repeat("aé€😀", size / 4)) + new string('b', size % 4);
            await client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Token);
            Assert.Equal(text, Encoding.UTF8.GetString(await ReceiveAsync(client, WebSocketMessageType.Text)));
            var bytes = RandomNumberGenerator.GetBytes(size);
            await client.SendAsync(bytes.AsMemory(0, size / 2), WebSocketMessageType.Binary, false, Token);
            await client.SendAsync(bytes.AsMemory(size / 2), WebSocketMessageType.Binary, true, Token);
            Assert.Equal(bytes, await ReceiveAsync(client, WebSocketMessageType.Binary));
        }

        await client.CloseAsync((WebSocketCloseStatus)4000, "bye", Token);
        Assert.Equal((WebSocketCloseStatus)4000, client.CloseStatus);
        var close = await sockets.TakeClosedAsync();
        Assert.Equal((4000, "bye", true), (close.Code, close.Reason, close.IsByClient));
    }

    [Fact]
    public async Task The_client_of_NET_hears_why_it_was_ended()
    {
        await using var server = new TestSockets().Serve(new() { MaxMessageSize = 10 });
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/"), Token);
        await client.SendAsync("more than ten"u8.ToArray(), WebSocketMessageType.Text, true, Token);
        var result = await client.ReceiveAsync(new byte[10], Token);
        Assert.Equal((WebSocketCloseStatus.MessageTooBig, "A message has 10 bytes at most."), (result.CloseStatus, result.CloseStatusDescription));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_package_ws_gets_back_what_it_sends(bool compresses)
    {
        var node = Tool.Require("node", "nodejs");
        var packages = Environment.GetEnvironmentVariable("HTTPSERVER_WS_PACKAGE");
        Assert.SkipUnless(Tool.AreSought && packages is not null && Directory.Exists(Path.Combine(packages, "node_modules", "ws")),
            "The npm package ws is not there: npm install --prefix FOLDER ws, and name the folder by HTTPSERVER_WS_PACKAGE.");
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { AllowCompression = compresses, SubProtocols = ["echo"] });
        using var folder = new TempDirectory();
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "node_modules"), Path.Combine(packages!, "node_modules"));
        var script = folder.Write("client.mjs", """
            import WebSocket from 'ws';
            import assert from 'node:assert';
            import { randomBytes } from 'node:crypto';
            const [port, compresses] = process.argv.slice(2);
            const socket = new WebSocket(`ws://127.0.0.1:${port}/`, ['echo'], { perMessageDeflate: true });
            const next = () => new Promise((take, fail) => { socket.once('message', (data, isBinary) => take([data, isBinary])); socket.once('close', fail); });
            await new Promise((open, fail) => { socket.once('open', open); socket.once('error', fail); });
            assert.equal(socket.protocol, 'echo');
            assert.equal(socket.extensions.startsWith('permessage-deflate'), compresses === 'True');
            for (let size = 0; size < 300000; size = size * 3 + 1) {
                const text = 'aé€😀'.repeat(size / 4);
                let answer = next();
                socket.send(text);
                assert.deepEqual([(await answer)[0].toString(), (await answer)[1]], [text, false]);
                const bytes = randomBytes(size);
                answer = next();
                for (let at = 0; at < size; at += 1000) socket.send(bytes.subarray(at, at + 1000), { binary: true, fin: false });
                socket.send(Buffer.alloc(0), { binary: true, fin: true });
                assert.ok((await answer)[0].equals(bytes) && (await answer)[1]);
            }
            const pong = new Promise(take => socket.once('pong', take));
            socket.ping('hello');
            assert.equal((await pong).toString(), 'hello');
            const closed = new Promise(take => socket.once('close', (code, reason) => take([code, reason.toString()])));
            socket.close(4000, 'bye');
            assert.equal((await closed)[0], 4000);
            console.log('done');
            """);
        var (exitCode, output, errors) = await Tool.RunAsync(node, script, $"{server.Port}", $"{compresses}");
        Assert.True(exitCode == 0 && output.Contains("done", StringComparison.Ordinal), output + errors);
        Assert.Equal(4000, (await sockets.TakeClosedAsync()).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_client_of_Python_gets_back_what_it_sends(bool compresses)
    {
        var python = Tool.Find(SystemPython);
        Assert.SkipWhen(python is null || (await Tool.RunAsync(python, "-c", "import websockets")).ExitCode != 0,
            "Python's websockets are not installed: install the package python3-websockets.");
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { AllowCompression = compresses, SubProtocols = ["echo"] });
        using var folder = new TempDirectory();
        var script = folder.Write("client.py", """
            import asyncio, os, sys
            import websockets

            async def main(port, compresses):
                async with websockets.connect(f'ws://127.0.0.1:{port}/', subprotocols=['echo'], max_size=None) as socket:
                    assert socket.subprotocol == 'echo'
                    size = 0
                    while size < 300000:
                        text = 'aé€😀' * (size // 4)
                        await socket.send(text)
                        assert await socket.recv() == text
                        data = os.urandom(size)
                        await socket.send([data[at:at + 1000] for at in range(0, size, 1000)] or b'')
                        assert await socket.recv() == data
                        size = size * 3 + 1
                    await (await socket.ping())
                    await socket.close(4000, 'bye')
                print('done')

            asyncio.run(main(sys.argv[1], sys.argv[2] == 'True'))
            """);
        var (exitCode, output, errors) = await Tool.RunAsync(python!, script, $"{server.Port}", $"{compresses}");
        Assert.True(exitCode == 0 && output.Contains("done", StringComparison.Ordinal), output + errors);
        Assert.Equal(4000, (await sockets.TakeClosedAsync()).Code);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket client, WebSocketMessageType type)
    {
        var all = new MemoryStream();
        var buffer = new byte[10_000];
        ValueWebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(buffer.AsMemory(), Token);
            Assert.Equal(type, result.MessageType);
            all.Write(buffer, 0, result.Count);
        }
        while (!result.EndOfMessage);
        return all.ToArray();
    }
}
