using System.Globalization;
using Http.Server.State;
using Http.Server.Tests.Support;
using Http.Server.WebSockets;

namespace Http.Server.Tests.WebSockets;

/// <summary>Channels: who is in them, and what reaches whom.</summary>
public sealed class HttpWebSocketChannelsTests
{
    [Fact]
    public async Task A_message_reaches_who_is_in_the_channel_and_nobody_else()
    {
        await using var channels = new HttpWebSocketChannels();
        var sockets = JoiningBy(channels);
        await using var server = sockets.Serve();
        using var one = await JoinAsync(server, "a");
        using var two = await JoinAsync(server, "A", "b");
        using var three = await JoinAsync(server, "b");
        Assert.Equal((2, 2, 0), (channels.CountMembers("a"), channels.CountMembers("B"), channels.CountMembers("c")));
        await channels.SendAsync("a", "to a", cancellationToken: Token);
        await channels.SendAsync("b", new byte[] { 1, 2 }, cancellationToken: Token);
        await channels.SendAsync("c", "to nobody", cancellationToken: Token);
        Assert.Equal("text:to a", await one.ReadAsync());
        Assert.Equal("text:to a", await two.ReadAsync());
        Assert.Equal("binary:0102", await two.ReadAsync());
        Assert.Equal("binary:0102", await three.ReadAsync());
        await one.SendTextAsync("leave a");
        Assert.Equal("left True", await one.ReadTextAsync());
        await one.SendTextAsync("leave a");
        Assert.Equal("left False", await one.ReadTextAsync());
        await channels.SendAsync("a", "again", cancellationToken: Token);
        Assert.Equal("text:again", await two.ReadAsync());
        await one.SendTextAsync("list");
        Assert.Equal("", await one.ReadTextAsync());
        await two.SendTextAsync("list");
        Assert.Equal("a b", await two.ReadTextAsync());
    }

    [Fact]
    public async Task One_may_be_left_out()
    {
        await using var channels = new HttpWebSocketChannels();
        var sockets = JoiningBy(channels);
        await using var server = sockets.Serve();
        using var one = await JoinAsync(server, "a");
        using var two = await JoinAsync(server, "a");
        var first = sockets.Opened.First();
        await channels.SendAsync("a", "1", first.Id, Token);
        await channels.SendAsync("a", "2", cancellationToken: Token);
        Assert.Equal("2", await one.ReadTextAsync());
        Assert.Equal("1", await two.ReadTextAsync());
    }

    [Fact]
    public async Task Who_ends_leaves_and_an_empty_channel_is_forgotten()
    {
        await using var channels = new HttpWebSocketChannels();
        var sockets = JoiningBy(channels);
        await using var server = sockets.Serve();
        using var one = await JoinAsync(server, "a", "b");
        var socket = await sockets.TakeOpenedAsync();
        Assert.Equal(["a", "b"], channels.GetNames().Order());
        await one.SendAsync(WebSocketPeer.Close(1000));
        await sockets.TakeClosedAsync();
        Assert.Empty(channels.GetNames());
        Assert.Empty(socket.GetChannels());
        Assert.False(await channels.JoinAsync(socket, "a", Token));
        Assert.Empty(channels.GetNames());
    }

    [Fact]
    public async Task All_have_one_order()
    {
        await using var channels = new HttpWebSocketChannels();
        await using var server = JoiningBy(channels).Serve();
        var peers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => JoinAsync(server, "a")));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(at => Task.Run(() => channels.SendAsync("a", at.ToString(CultureInfo.InvariantCulture)).AsTask())));
        var heard = new List<string[]>();
        foreach (var peer in peers)
        {
            var texts = new string[100];
            for (var at = 0; at < 100; at++)
                texts[at] = await peer.ReadTextAsync();
            heard.Add(texts);
            peer.Dispose();
        }

        Assert.Equal(100, heard[0].Distinct().Count());
        Assert.All(heard, each => Assert.Equal(heard[0], each));
    }

    [Fact]
    public async Task There_is_a_limit_to_the_channels_of_one_and_to_the_length_of_a_name()
    {
        await using var channels = new HttpWebSocketChannels();
        var sockets = JoiningBy(channels);
        await using var server = sockets.Serve(new() { MaxChannels = 2 });
        using var one = await JoinAsync(server, "a", "b");
        var socket = await sockets.TakeOpenedAsync();
        Assert.True(await channels.JoinAsync(socket, "A", Token));
        Assert.Contains("2 channels", (await Assert.ThrowsAsync<InvalidOperationException>(() => channels.JoinAsync(socket, "c", Token).AsTask())).Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b"], channels.GetNames().Order());
        await Assert.ThrowsAsync<ArgumentException>(() => channels.JoinAsync(socket, new string('x', 201), Token).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => channels.SendAsync("", "x", cancellationToken: Token).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => channels.SendAsync("a", "x", new string('x', 201), Token).AsTask());
    }

    [Fact]
    public async Task Servers_that_share_a_store_share_channels()
    {
        await using var store = new FakeSharedStore();
        await using var here = new HttpWebSocketChannels(store);
        await using var there = new HttpWebSocketChannels(store);
        var (first, second) = (JoiningBy(here), JoiningBy(there));
        await using var one = first.Serve();
        await using var two = second.Serve();
        using var near = await JoinAsync(one, "a");
        using var far = await JoinAsync(two, "A");
        await here.SendAsync("a", "1", cancellationToken: Token);
        await there.SendAsync("a", new byte[] { 7 }, first.Opened.First().Id, Token);
        await there.SendAsync("a", "3", cancellationToken: Token);
        Assert.Equal("text:1", await near.ReadAsync());
        Assert.Equal("text:3", await near.ReadAsync());
        Assert.Equal("text:1", await far.ReadAsync());
        Assert.Equal("binary:07", await far.ReadAsync());
        Assert.Equal("text:3", await far.ReadAsync());
        // What another program sends there is no message.
        await store.PublishAsync("websockets:A", new byte[] { 1 }, Token);
        await store.PublishAsync("websockets:A", new byte[] { (byte)'t', 9, 1 }, Token);
        await here.SendAsync("a", "4", cancellationToken: Token);
        Assert.Equal("text:4", await near.ReadAsync());
        // A channel that was empty comes back.
        await near.SendTextAsync("leave a");
        Assert.Equal("left True", await near.ReadTextAsync());
        await near.SendTextAsync("join a");
        Assert.Equal("joined True", await near.ReadTextAsync());
        await there.SendAsync("a", "5", cancellationToken: Token);
        Assert.Equal("text:5", await near.ReadAsync());
    }

    [Fact]
    public async Task While_the_store_is_away_nobody_joins_and_nothing_is_sent()
    {
        await using var store = new FakeSharedStore { IsAway = true };
        await using var channels = new HttpWebSocketChannels(store);
        var sockets = new TestSockets();
        await using var server = sockets.Serve();
        using var peer = await WebSocketPeer.OpenAsync(server);
        var socket = await sockets.TakeOpenedAsync();
        await Assert.ThrowsAsync<HttpStateStoreException>(() => channels.JoinAsync(socket, "a", Token).AsTask());
        await Assert.ThrowsAsync<HttpStateStoreException>(() => channels.SendAsync("a", "x", cancellationToken: Token).AsTask());
        Assert.Empty(channels.GetNames());
        Assert.Empty(socket.GetChannels());
        store.IsAway = false;
        Assert.True(await channels.JoinAsync(socket, "a", Token));
        await channels.SendAsync("a", "x", cancellationToken: Token);
        Assert.Equal("text:x", await peer.ReadAsync());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>WebSockets whose messages say what they are to join and to leave.</summary>
    private static TestSockets JoiningBy(HttpWebSocketChannels channels) => new(async (socket, message) => socket.Post(message.ReadText().Split(' ') switch
    {
        ["join", var name] => $"joined {await channels.JoinAsync(socket, name)}",
        ["leave", var name] => $"left {channels.Leave(socket, name)}",
        _ => string.Join(' ', socket.GetChannels().Order()).ToLowerInvariant(),
    }));

    private static async Task<WebSocketPeer> JoinAsync(RunningServer server, params string[] names)
    {
        var peer = await WebSocketPeer.OpenAsync(server);
        foreach (var name in names)
        {
            await peer.SendTextAsync("join " + name);
            Assert.Equal("joined True", await peer.ReadTextAsync());
        }

        return peer;
    }
}
