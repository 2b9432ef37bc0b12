using Http.Server.Tests.Support;
using Http.Server.WebSockets;

namespace Http.Server.Tests.WebSockets;

/// <summary>Handshakes that are agreed to, and what is not one.</summary>
public sealed class WebSocketHandshakeTests
{
    private static readonly BasicAuthentication Users = BasicAuthentication.FromPasswords([new("ada", "secret")]);

    [Fact]
    public async Task The_example_of_the_RFC_is_agreed_to_and_logged_once_at_once()
    {
        await using var server = new TestSockets().Serve();
        using var peer = await WebSocketPeer.OpenAsync(server, path: "/chat?x=1");
        Assert.Equal(("websocket", "Upgrade", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), (peer.Answer["Upgrade"], peer.Answer["Connection"], peer.Answer["Sec-WebSocket-Accept"]));
        Assert.Null(peer.Answer["Sec-WebSocket-Extensions"]);
        Assert.Null(peer.Answer["Sec-WebSocket-Protocol"]);
        await server.Log.WaitForAsync(log => log.Requests.Count == 1);
        Assert.Equal(("GET /chat?x=1 HTTP/1.1", 101), (server.Log.Requests.Single().Line, server.Log.Requests.Single().Status));
        Assert.Equal((0, 1, 1), (server.Server.ActiveRequestCount, server.Server.RequestCount, server.Server.ConnectionCount));
        await peer.SendAsync(WebSocketPeer.Close(1000));
        Assert.Equal(1000, (await peer.ReadCloseAsync()).Code);
        Assert.Single(server.Log.Requests);
    }

    [Theory]
    [InlineData("no upgrade", "GET / HTTP/1.1", "", 426)]
    [InlineData("HEAD", "HEAD / HTTP/1.1", WebSocketPeer.Handshake, 426)]
    [InlineData("HTTP/1.0", "GET / HTTP/1.0", WebSocketPeer.Handshake, 426)]
    [InlineData("POST", "POST / HTTP/1.1", WebSocketPeer.Handshake, 426)]
    [InlineData("another protocol", "GET / HTTP/1.1", "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" + WebSocketPeer.Key, 426)]
    [InlineData("no Connection", "GET / HTTP/1.1", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" + WebSocketPeer.Key, 426)]
    [InlineData("Connection without upgrade", "GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: keep-alive\r\nSec-WebSocket-Version: 13\r\n" + WebSocketPeer.Key, 426)]
    [InlineData("no version", "GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\n" + WebSocketPeer.Key, 426)]
    [InlineData("version 8", "GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n" + WebSocketPeer.Key, 426)]
    [InlineData("two versions", "GET / HTTP/1.1", "Sec-WebSocket-Version: 13\r\n" + WebSocketPeer.Handshake, 426)]
    [InlineData("no key", "GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", 400)]
    [InlineData("two keys", "GET / HTTP/1.1", WebSocketPeer.Key + WebSocketPeer.Handshake, 400)]
    [InlineData("a short key", "GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n", 400)]
    [InlineData("a long key", "GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTEy\r\n", 400)]
    [InlineData("a key that is no Base64", "GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ====================****\r\n", 400)]
    [InlineData("a key with a space", "GET / HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25j Q==\r\n", 400)]
    [InlineData("a body", "GET / HTTP/1.1", "Content-Length: 1\r\n" + WebSocketPeer.Handshake, 400)]
    [InlineData("a body in chunks", "GET / HTTP/1.1", "Transfer-Encoding: chunked\r\n" + WebSocketPeer.Handshake, 400)]
    public async Task What_is_no_handshake_is_refused(string what, string line, string headers, int status)
    {
        await using var server = new TestSockets().Serve();
        var answer = await server.SendAsync($"{line}\r\nHost: test\r\n{headers}\r\n");
        Assert.True(status == answer.Status, what);
        Assert.Equal(status == 426 ? ("websocket", "13") : (null, null), (answer["Upgrade"], answer["Sec-WebSocket-Version"]));
        // Of a 426 the field Upgrade is named by Connection (RFC 9110, section 7.8).
        if (status == 426)
            Assert.Contains(answer.Headers, header => header.Key == "Connection" && header.Value == "Upgrade");
    }

    [Fact]
    public async Task The_connection_goes_on_after_a_refusal()
    {
        await using var server = new TestSockets().Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal(426, (await client.ReadResponseAsync()).Status);
        using var peer = await WebSocketPeer.OpenAsync(client);
        await peer.SendTextAsync("a");
        Assert.Equal("a", await peer.ReadTextAsync());
    }

    [Theory]
    [InlineData("Upgrade: foo, WebSocket\r\nConnection: keep-alive, UPGRADE\r\nSec-WebSocket-Version: 13\r\n" + WebSocketPeer.Key)]
    [InlineData("Upgrade: foo\r\nUpgrade: websocket\r\nConnection: keep-alive\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n" + WebSocketPeer.Key)]
    public async Task Lists_and_case_are_understood(string headers)
    {
        await using var server = new TestSockets().Serve();
        using var client = await server.ConnectAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
        Assert.Equal(101, (await client.ReadResponseAsync(isHead: true)).Status);
    }

    [Fact]
    public async Task What_comes_with_the_handshake_is_not_lost_however_much_it_is()
    {
        await using var server = new TestSockets().Serve();
        var texts = Enumerable.Range(0, 200).Select(at => $"{at}:{new string('x', 100)}").ToArray();
        using var peer = await WebSocketPeer.OpenAsync(server, first: [.. texts.SelectMany(WebSocketPeer.Text)]);
        foreach (var text in texts)
            Assert.Equal(text, await peer.ReadTextAsync());
    }

    [Theory]
    [InlineData("Origin: http://test\r\n", 101)]
    [InlineData("Origin: https://test\r\n", 101)]
    [InlineData("", 101)]
    [InlineData("Sec-Fetch-Site: same-origin\r\nOrigin: http://test\r\n", 101)]
    [InlineData("Origin: http://evil.example\r\n", 403)]
    [InlineData("Origin: http://test:81\r\n", 403)]
    [InlineData("Origin: null\r\n", 403)]
    [InlineData("Sec-Fetch-Site: cross-site\r\nOrigin: http://test\r\n", 403)]
    [InlineData("Sec-Fetch-Site: same-site\r\nOrigin: http://other.test\r\n", 403)]
    public async Task A_page_of_another_origin_is_refused_before_the_handshake(string headers, int status)
    {
        foreach (var allows in new[] { false, true })
        {
            await using var server = new TestSockets().Serve(new() { AllowCrossOrigin = allows });
            using var client = await server.ConnectAsync();
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{WebSocketPeer.Handshake}{headers}\r\n");
            Assert.Equal(allows ? 101 : status, (await client.ReadResponseAsync(isHead: true)).Status);
        }
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("Sec-WebSocket-Protocol: other\r\n", null)]
    [InlineData("Sec-WebSocket-Protocol: b, a\r\n", "b")]
    [InlineData("Sec-WebSocket-Protocol: other\r\nSec-WebSocket-Protocol: a\r\n", "a")]
    [InlineData("Sec-WebSocket-Protocol: A\r\n", null)]
    public async Task The_first_subprotocol_that_both_speak_is_agreed_on(string headers, string? agreed)
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { SubProtocols = ["a", "b"] });
        using var peer = await WebSocketPeer.OpenAsync(server, headers);
        Assert.Equal(agreed, peer.Answer["Sec-WebSocket-Protocol"]);
        Assert.Equal(agreed, (await sockets.TakeOpenedAsync()).SubProtocol);
    }

    [Theory]
    [InlineData("permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [InlineData("Permessage-Deflate; client_max_window_bits", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [InlineData("permessage-deflate; client_max_window_bits=8; server_max_window_bits=\"10\"", "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10")]
    [InlineData("permessage-deflate; server_max_window_bits=8, permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [InlineData("permessage-bzip2, permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [InlineData("permessage-deflate; server_max_window_bits=8", null)]
    [InlineData("permessage-deflate; server_max_window_bits=16", null)]
    [InlineData("permessage-deflate; server_max_window_bits=010", null)]
    [InlineData("permessage-deflate; server_max_window_bits", null)]
    [InlineData("permessage-deflate; client_max_window_bits=7", null)]
    [InlineData("permessage-deflate; server_no_context_takeover=1", null)]
    [InlineData("permessage-deflate; unknown", null)]
    [InlineData("permessage-deflate; client_max_window_bits; client_max_window_bits", null)]
    [InlineData("x-webkit-deflate-frame", null)]
    [InlineData("", null)]
    public void Offers_of_compression_are_taken_or_left(string offer, string? answer) => Assert.Equal(answer, DeflateOffer.Take(offer)?.Answer);

    [Fact]
    public async Task Compression_is_agreed_on_where_it_is_allowed()
    {
        await using var server = new TestSockets().Serve(new() { AllowCompression = true });
        using var peer = await WebSocketPeer.OpenAsync(server, "Sec-WebSocket-Extensions: foo\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
        Assert.Equal("permessage-deflate; server_no_context_takeover; client_no_context_takeover", peer.Answer["Sec-WebSocket-Extensions"]);
    }

    [Fact]
    public async Task A_handler_that_speaks_HTTP_1_0_agrees_in_HTTP_1_1()
    {
        await using var server = RunningServer.Of<OldHandler>();
        using var peer = await WebSocketPeer.OpenAsync(server);
        Assert.StartsWith("HTTP/1.1 101 ", peer.Answer.StatusLine, StringComparison.Ordinal);
        await peer.SendTextAsync("a");
        Assert.Equal("a", await peer.ReadTextAsync());
    }

    [Fact]
    public async Task Who_has_not_logged_in_gets_401_and_who_has_is_known()
    {
        var sockets = new TestSockets();
        await using var server = new RunningServer(() =>
        {
            var handler = ActionHandler.Of(handler => handler.AcceptWebSocket(sockets));
            handler.Authentication = Users;
            return handler;
        });
        Assert.Equal(401, (await server.GetAsync("/", WebSocketPeer.Handshake)).Status);
        using var peer = await WebSocketPeer.OpenAsync(server, $"Authorization: Basic {Convert.ToBase64String("ada:secret"u8)}\r\n");
        Assert.Equal("ada", (await sockets.TakeOpenedAsync()).User?.Name);
    }

    private sealed class OldHandler : BaseHttpRequestHandler
    {
        public void DoGet() => AcceptWebSocket(new TestSockets());
    }
}
