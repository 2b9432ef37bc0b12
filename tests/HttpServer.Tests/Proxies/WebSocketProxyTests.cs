using Http.Server.Tests.Support;
using Http.Server.Tests.WebSockets;

namespace Http.Server.Tests.Proxies;

/// <summary>WebSockets behind real proxies, which know them.</summary>
public sealed class WebSocketProxyTests
{
    /// <summary>As nginx's own documentation has it.</summary>
    private const string Upgrading = """
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        """;

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Behind_a_proxy_messages_go_both_ways_and_a_goodbye_arrives(string kind)
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve(new() { AllowCompression = true }, new() { TrustedProxies = [TrustedProxy.Parse("127.0.0.1")] });
        var upstream = $"127.0.0.1:{server.Port}";
        await using var proxy = kind == "nginx" ? await ReverseProxy.NginxAsync(upstream, Upgrading) : await ReverseProxy.HAProxyHttpAsync(upstream);
        using var peer = await WebSocketPeer.OpenAsync(await proxy.ConnectAsync(), "Origin: https://test\r\nSec-WebSocket-Extensions: permessage-deflate\r\n");
        Assert.StartsWith("permessage-deflate", peer.Answer["Sec-WebSocket-Extensions"], StringComparison.Ordinal);
        var socket = await sockets.TakeOpenedAsync();
        Assert.StartsWith(ReverseProxy.Client, socket.ClientAddress.ToString(), StringComparison.Ordinal);
        await peer.SendTextAsync("a");
        Assert.Equal("text:a", await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Frame(9, [65]));
        Assert.Equal("pong:A", await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Frame(2, new byte[200_000]));
        Assert.Equal(0xc2, (await peer.ReadFrameAsync()).First);
        Assert.True(await socket.SendAsync("from here"));
        Assert.Equal("text:from here", await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Close(4000));
        Assert.Equal(4000, (await peer.ReadCloseAsync()).Code);
        Assert.Equal(4000, (await sockets.TakeClosedAsync()).Code);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Behind_a_proxy_the_end_of_the_server_is_told(string kind)
    {
        var sockets = new TestSockets();
        await using var server = sockets.Serve();
        var upstream = $"127.0.0.1:{server.Port}";
        await using var proxy = kind == "nginx" ? await ReverseProxy.NginxAsync(upstream, Upgrading) : await ReverseProxy.HAProxyHttpAsync(upstream);
        using var peer = await WebSocketPeer.OpenAsync(await proxy.ConnectAsync());
        await sockets.TakeOpenedAsync();
        var stopping = server.Server.ShutdownAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("close:1001", await peer.ReadAsync());
        await peer.SendAsync(WebSocketPeer.Close(1001));
        Assert.Empty(await peer.Client.ReadToEndAsync());
        await stopping;
    }
}
