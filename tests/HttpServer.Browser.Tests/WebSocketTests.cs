using Http.Server.Browser.Tests.Support;
using Http.Server.WebSockets;

namespace Http.Server.Browser.Tests;

/// <summary>What a browser's WebSocket makes of the server's.</summary>
public sealed class WebSocketTests(Chromium chromium) : BrowserTest(chromium)
{
    private const string Open = """
        url => new Promise((open, fail) => {
            window.heard = [];
            window.socket = new WebSocket(url, ['one', 'two']);
            socket.binaryType = 'arraybuffer';
            socket.onmessage = event => heard.push(typeof event.data === 'string' ? event.data : [...new Uint8Array(event.data)].join());
            socket.onclose = event => { heard.push(`${event.code} ${event.reason} ${event.wasClean}`); fail(event.code); };
            socket.onopen = () => open(`${socket.protocol} ${socket.extensions.split(';')[0]}`);
        })
        """;

    [Fact]
    public async Task A_page_opens_one_sends_and_hears()
    {
        var room = new Room();
        await using var server = new RunningServer(() => new Handler(room));
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/");
        Assert.Equal("two permessage-deflate", await page.EvaluateAsync<string>(Open, server.Url.Replace("http", "ws", StringComparison.Ordinal) + "/chat"));
        await page.EvaluateAsync("() => { socket.send('hé€😀'); socket.send(new Uint8Array([1, 255])); socket.send('x'.repeat(200000)); }");
        await page.WaitForFunctionAsync("heard.length === 3");
        Assert.Equal(["hé€😀", "1,255", new string('x', 200_000)], await page.EvaluateAsync<string[]>("heard"));
        await page.EvaluateAsync("() => { heard.length = 0; socket.send('end'); }");
        await page.WaitForFunctionAsync("heard.length === 1");
        Assert.Equal("4001 enough true", await page.EvaluateAsync<string>("heard[0]"));
    }

    [Fact]
    public async Task A_page_hears_of_the_end_of_the_server()
    {
        await using var server = new RunningServer(() => new Handler(new Room()));
        var page = await NewPageAsync(server.Url);
        await page.GotoAsync(server.Url + "/");
        await page.EvaluateAsync<string>(Open, server.Url.Replace("http", "ws", StringComparison.Ordinal) + "/chat");
        await server.Server.ShutdownAsync(TimeSpan.FromSeconds(30));
        await page.WaitForFunctionAsync("heard.length === 1");
        Assert.Equal("1001 The server ends. true", await page.EvaluateAsync<string>("heard[0]"));
    }

    [Fact]
    public async Task A_page_of_another_origin_opens_none()
    {
        Expect(403);
        await using var server = new RunningServer(() => new Handler(new Room()));
        await using var other = new RunningServer(() => new Handler(new Room()));
        var page = await NewPageAsync(other.Url);
        await page.GotoAsync(other.Url + "/");
        var code = await page.EvaluateAsync<string>(
            "url => new Promise(take => { const socket = new WebSocket(url); socket.onopen = () => take('open'); socket.onclose = event => take(`${event.code}`); })",
            server.Url.Replace("http", "ws", StringComparison.Ordinal) + "/chat");
        Assert.Equal("1006", code);
        await server.Log.WaitForAsync(log => log.Requests.Any(request => request.Status == 403));
    }

    private sealed class Room : IHttpWebSocketHandler
    {
        public async ValueTask ReceiveAsync(HttpWebSocket socket, HttpWebSocketMessage message)
        {
            if (!message.IsText)
                await socket.SendAsync(message.Bytes.ToArray());
            else if (message.ReadText() == "end")
                socket.Close(4001, "enough");
            else
                await socket.SendAsync(message.ReadText());
        }
    }

    private sealed class Handler(Room room) : BaseHttpRequestHandler
    {
        public void DoGet()
        {
            if (Path == "/chat")
                AcceptWebSocket(room, new() { SubProtocols = ["two"], AllowCompression = true });
            else
                SendText("<!DOCTYPE html><title>socket</title><link rel=icon href=data:,>", "text/html; charset=utf-8");
        }
    }
}
