using System.Net.WebSockets;
using System.Text;
using Http.Server.Tests.Support;
using Http.Server.WebSockets;

namespace Http.Server.Tests.WebSockets;

/// <summary>Classes with a method <c>DoWebSocketAsync</c>.</summary>
public sealed class RawWebSocketTests
{
    [Fact]
    public async Task A_method_reads_and_writes_and_its_end_is_a_goodbye()
    {
        await using var server = RunningServer.Of<Echo>();
        using var peer = await WebSocketPeer.OpenAsync(server, first: [.. WebSocketPeer.Text("a"), .. WebSocketPeer.Text("b")]);
        Assert.Equal(["a", "b"], new[] { await peer.ReadTextAsync(), await peer.ReadTextAsync() });
        await peer.SendTextAsync("end");
        Assert.Equal("close:1000", await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Close(1000));
        Assert.Empty(await peer.Client.ReadToEndAsync());
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("close:1000", "close:1000")]
    [InlineData("close:4000", "close:4000")]
    [InlineData("unmasked text:a", "close:1002")]
    [InlineData("text:0xff", "close:1007")]
    [InlineData("text:*1048577", "close:1009")]
    [InlineData("text:own", "close:4002")]
    public async Task The_protocol_and_the_limits_are_kept_for_it(string sent, string answer)
    {
        await using var server = RunningServer.Of<Echo>();
        using var peer = await WebSocketPeer.OpenAsync(server);
        await peer.Client.SendAsync(ProtocolCases.Read(sent));
        Assert.Equal(answer, await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Close(1000));
        Assert.Empty(await peer.Client.ReadToEndAsync());
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task What_it_throws_is_logged_and_told_as_1011()
    {
        await using var server = RunningServer.Of<Echo>();
        using var peer = await WebSocketPeer.OpenAsync(server);
        await peer.SendTextAsync("fail");
        Assert.Equal("close:1011", await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Close(1011));
        Assert.Empty(await peer.Client.ReadToEndAsync());
        Assert.Contains("Echo failed at the WebSocket \"/\"", Assert.Single(server.Log.Errors), StringComparison.Ordinal);
        Assert.Equal(1, server.Server.ErrorCount);
    }

    [Fact]
    public async Task A_client_that_vanishes_is_no_error()
    {
        await using var server = RunningServer.Of<Echo>();
        var peer = await WebSocketPeer.OpenAsync(server);
        await server.Log.WaitForAsync(log => log.Requests.Count == 1);
        peer.Client.Reset();
        using var other = await WebSocketPeer.OpenAsync(server);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (server.Server.ConnectionCount > 1)
            await Task.Delay(1, limit.Token);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task The_end_of_the_server_is_told()
    {
        await using var server = RunningServer.Of<Echo>();
        using var peer = await WebSocketPeer.OpenAsync(server);
        await peer.SendTextAsync("a");
        Assert.Equal("a", await peer.ReadTextAsync());
        var stopping = server.Server.ShutdownAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("close:1001", await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Close(1001));
        await stopping;
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Without_a_method_for_GET_other_requests_are_told_to_upgrade()
    {
        await using var server = RunningServer.Of<Echo>();
        var answer = await server.GetAsync("/");
        Assert.Equal((426, "websocket"), (answer.Status, answer["Upgrade"]));
        Assert.Equal(426, (await server.SendAsync("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n")).Status);
        Assert.Equal(501, (await server.SendAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n")).Status);
        Assert.Equal(403, (await server.GetAsync("/", WebSocketPeer.Handshake + "Origin: http://evil.example\r\n")).Status);
    }

    [Fact]
    public async Task A_class_says_where_and_answers_other_requests_as_ever()
    {
        await using var server = RunningServer.Of<Both>();
        Assert.Equal("page", (await server.GetAsync("/chat")).Text);
        Assert.Equal("page", (await server.GetAsync("/other", WebSocketPeer.Handshake)).Text);
        using var peer = await WebSocketPeer.OpenAsync(server, "Sec-WebSocket-Protocol: one\r\nOrigin: http://evil.example\r\n", "/chat");
        Assert.Equal("one", peer.Answer["Sec-WebSocket-Protocol"]);
        await peer.SendTextAsync("a");
        Assert.Equal("a one", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Files_are_served_beside_it_and_origins_of_CORS_may_open_it()
    {
        using var folder = new TempDirectory();
        folder.Write("a.txt", "file");
        await using var server = new RunningServer(() => new Site { Directory = folder.Path, CorsOrigins = ["http://friend.example"] });
        Assert.Equal("file", (await server.GetAsync("/a.txt")).Text);
        Assert.Equal(403, (await server.GetAsync("/", WebSocketPeer.Handshake + "Origin: http://evil.example\r\n")).Status);
        using var peer = await WebSocketPeer.OpenAsync(server, "Origin: http://friend.example\r\n");
        Assert.Equal("hello", await peer.ReadTextAsync());
    }

    private static async Task EchoAsync(WebSocket socket)
    {
        var buffer = new byte[4096];
        while (socket.State == WebSocketState.Open)
        {
            var result = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            switch (Encoding.UTF8.GetString(buffer, 0, result.Count))
            {
                case "end":
                    return;
                case "own":
                    await socket.CloseAsync((WebSocketCloseStatus)4002, "own", TestContext.Current.CancellationToken);
                    return;
                case "fail":
                    throw new InvalidOperationException("My own fault.");
            }

            if (result.MessageType != WebSocketMessageType.Close)
                await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, TestContext.Current.CancellationToken);
        }
    }

    public sealed class Echo : BaseHttpRequestHandler
    {
        public Task DoWebSocketAsync(WebSocket socket) => EchoAsync(socket);
    }

    public sealed class Both : BaseHttpRequestHandler
    {
        public Both() => ProtocolVersion = "HTTP/1.1";

        public void DoGet() => SendText("page");

        public async Task DoWebSocketAsync(WebSocket socket)
        {
            var buffer = new byte[100];
            var result = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            await socket.SendAsync(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetString(buffer, 0, result.Count)} {socket.SubProtocol}"), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        }

        protected override HttpWebSocketOptions? FindWebSocket() => Path == "/chat" ? new() { SubProtocols = ["one"], AllowCrossOrigin = true } : null;
    }

    public sealed class Site : SimpleHttpRequestHandler
    {
        public Task DoWebSocketAsync(WebSocket socket) =>
            socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
    }
}
