using System.Globalization;
using System.Text;
using Http.Server.Events;
using Http.Server.State;
using Http.Server.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Http.Server.Tests.Events;

/// <summary>Channels with real listeners, byte by byte.</summary>
public sealed class HttpEventChannelTests
{
    [Theory]
    [InlineData("HTTP/1.1", true)]
    [InlineData("HTTP/1.0", false)]
    public async Task The_head_says_what_follows_and_an_event_reaches_everybody(string version, bool isChunked)
    {
        await using var channel = new HttpEventChannel("jobs");
        await using var server = Serve(channel);
        using var client = await server.ConnectAsync();
        await client.SendAsync($"GET / {version}\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
        var head = await client.ReadThroughAsync("\r\n\r\n");
        Assert.Contains(" 200 OK\r\n", head, StringComparison.Ordinal);
        foreach (var header in new[] { "Content-Type: text/event-stream", "Cache-Control: no-store", "X-Accel-Buffering: no", "Connection: close" })
            Assert.Contains($"\r\n{header}\r\n", head, StringComparison.Ordinal);
        Assert.Equal(isChunked, head.Contains("\r\nTransfer-Encoding: chunked\r\n", StringComparison.Ordinal));
        Assert.DoesNotContain("Content-Encoding", head, StringComparison.Ordinal);
        using var other = await ListenAsync(server);
        Assert.Equal(2, channel.ListenerCount);
        await SendAsync(channel, "x", "job", "7");
        Assert.Equal("id: 7\nevent: job\ndata: x\n\n", await other.NextAsync());
        const string Event = "id: 7\nevent: job\ndata: x\n\n";
        Assert.Equal(isChunked ? $"{Event.Length:x}\r\n{Event}" : Event, await client.ReadThroughAsync("\n\n"));
    }

    [Fact]
    public async Task A_HEAD_request_gets_the_head_alone_and_does_not_listen()
    {
        await using var channel = new HttpEventChannel("jobs");
        await using var server = Serve(channel);
        var answer = await server.SendAsync("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
        Assert.Equal((200, "text/event-stream"), (answer.Status, answer["Content-Type"]));
        Assert.Equal(0, channel.ListenerCount);
    }

    [Fact]
    public async Task Events_of_many_who_send_at_once_have_one_order()
    {
        await using var channel = new HttpEventChannel("jobs");
        await using var server = Serve(channel);
        var listeners = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ListenAsync(server)));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(at => Task.Run(() => SendAsync(channel, at.ToString(CultureInfo.InvariantCulture)))));
        var heard = await Task.WhenAll(listeners.Select(listener => listener.TakeAsync(100)));
        Assert.Equal(100, heard[0].Distinct().Count());
        Assert.All(heard, each => Assert.Equal(heard[0], each));
        foreach (var listener in listeners)
            listener.Dispose();
    }

    [Theory]
    [InlineData("2", "3 4")]
    [InlineData("4", "")]
    [InlineData("gone", "2 3 4")]
    public async Task Who_comes_back_gets_what_was_missed(string last, string missed)
    {
        await using var channel = new HttpEventChannel("jobs", new() { BufferSize = 3 });
        await using var server = Serve(channel);
        for (var at = 1; at <= 4; at++)
            await SendAsync(channel, "x", null, at.ToString(CultureInfo.InvariantCulture));
        using var listener = await ListenAsync(server, $"Last-Event-ID: {last}\r\n");
        await SendAsync(channel, "x", null, "5");
        var expected = missed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append("5").Select(id => $"id: {id}\ndata: x\n\n");
        Assert.Equal(expected, await listener.TakeAsync(expected.Count()));
    }

    [Fact]
    public async Task Who_comes_for_the_first_time_gets_what_follows()
    {
        await using var channel = new HttpEventChannel("jobs");
        await using var server = Serve(channel);
        await SendAsync(channel, "before");
        using var listener = await ListenAsync(server);
        var id = await SendAsync(channel, "after");
        Assert.Equal($"id: {id}\ndata: after\n\n", await listener.NextAsync());
    }

    [Fact]
    public async Task A_listener_that_does_not_read_is_disconnected_and_holds_nobody_up()
    {
        await using var channel = new HttpEventChannel("jobs", new() { Backlog = 20, BufferSize = 0 });
        // It is the backlog that ends it.
        await using var server = Serve(channel, new() { MinResponseRate = 0 });
        var slow = await ListenAsync(server);
        using var quick = await ListenAsync(server);
        var text = new string('x', 200_000);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (channel.ListenerCount == 2)
        {
            limit.Token.ThrowIfCancellationRequested();
            await SendAsync(channel, text);
            Assert.EndsWith("x\n\n", await quick.NextAsync(), StringComparison.Ordinal);
        }

        await server.Log.WaitForAsync(log => log.Messages.Any(message => message.Text.Contains("events behind", StringComparison.Ordinal)));
        Assert.Empty(server.Log.Errors);
        slow.Dispose();
    }

    [Fact]
    public async Task Silence_is_filled()
    {
        var time = new FakeTimeProvider();
        await using var channel = new HttpEventChannel("jobs", new() { TimeProvider = time, Heartbeat = TimeSpan.FromSeconds(5) });
        await using var server = Serve(channel);
        using var listener = await ListenAsync(server);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(":\n\n", await listener.NextAsync());
        await SendAsync(channel, "x", null, "1");
        Assert.Equal("id: 1\ndata: x\n\n", await listener.NextAsync());
        // There was an event since the last beat.
        time.Advance(TimeSpan.FromSeconds(5));
        await SendAsync(channel, "x", null, "2");
        Assert.Equal("id: 2\ndata: x\n\n", await listener.NextAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_end_of_the_server_is_an_orderly_one(bool isSecure)
    {
        await using var channel = new HttpEventChannel("jobs");
        var server = new RunningServer(() => new Handler(channel), null, isSecure ? ServerCertificate.SelfSigned() : null);
        using var listener = await ListenAsync(server);
        // Far longer than the test may take: it is not the grace that ends it.
        await server.Server.ShutdownAsync(TimeSpan.FromMinutes(10));
        Assert.Matches("^retry: [1-4][0-9]{3}\n\n$", await listener.RestAsync());
        Assert.Equal(0, channel.ListenerCount);
        await server.DisposeAsync();
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_server_that_drains_sends_events_until_its_end()
    {
        var time = new FakeTimeProvider();
        await using var channel = new HttpEventChannel("jobs");
        // The clock moves by more than an answer may take at once.
        var options = new HttpServerOptions { DrainTime = TimeSpan.FromSeconds(10), TimeProvider = time, RateGracePeriod = TimeSpan.FromHours(1) };
        await using var server = Serve(channel, options);
        using var listener = await ListenAsync(server);
        var ending = server.Server.ShutdownAsync(TimeSpan.FromMinutes(10));
        Assert.True(server.Server.IsDraining);
        await SendAsync(channel, "x", null, "1");
        Assert.Equal("id: 1\ndata: x\n\n", await listener.NextAsync());
        using var late = await ListenAsync(server, "Last-Event-ID: 0\r\n");
        Assert.Equal("id: 1\ndata: x\n\n", await late.NextAsync());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Matches("^retry: [1-4][0-9]{3}\n\n$", await listener.RestAsync());
        Assert.Matches("^retry: [1-4][0-9]{3}\n\n$", await late.RestAsync());
        await ending;
        Assert.Equal(0, channel.ListenerCount);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task The_end_of_the_channel_is_an_orderly_one_and_nothing_can_be_sent_then()
    {
        var channel = new HttpEventChannel("jobs");
        await using var server = Serve(channel);
        using var listener = await ListenAsync(server);
        await channel.DisposeAsync();
        Assert.Matches("^retry: [1-4][0-9]{3}\n\n$", await listener.RestAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => SendAsync(channel, "x"));
    }

    [Fact]
    public async Task A_channel_of_states_gives_who_comes_the_newest_and_what_follows()
    {
        await using var channel = new HttpEventChannel("jobs", new() { BeginsWithNewest = true, BufferSize = 1 });
        await using var server = Serve(channel);
        using var early = await ListenAsync(server);
        await SendAsync(channel, "a", null, "1");
        await SendAsync(channel, "b", null, "2");
        Assert.Equal(["id: 1\ndata: a\n\n", "id: 2\ndata: b\n\n"], await early.TakeAsync(2));
        using var late = await ListenAsync(server);
        using var knowing = await ListenAsync(server, "Last-Event-ID: 2\r\n");
        await SendAsync(channel, "c", null, "3");
        Assert.Equal(["id: 2\ndata: b\n\n", "id: 3\ndata: c\n\n"], await late.TakeAsync(2));
        Assert.Equal("id: 3\ndata: c\n\n", await knowing.NextAsync());
    }

    [Fact]
    public async Task A_channel_that_is_complete_ends_answers_when_all_has_been_sent_also_of_those_who_come_later()
    {
        await using var channel = new HttpEventChannel("jobs", new() { BeginsWithNewest = true, BufferSize = 1 });
        await using var server = Serve(channel);
        using var listener = await ListenAsync(server);
        // More than the buffers of the connection hold: what is still to be sent at the end is sent.
        var text = new string('x', 1_000_000);
        await SendAsync(channel, text, null, "1");
        await SendAsync(channel, "end", null, "2");
        await channel.CompleteAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => SendAsync(channel, "x"));
        using var late = await ListenAsync(server);
        Assert.Equal("id: 2\ndata: end\n\n", await late.NextAsync());
        Assert.StartsWith("retry: ", await late.RestAsync(), StringComparison.Ordinal);
        Assert.Equal([$"id: 1\ndata: {text}\n\n", "id: 2\ndata: end\n\n"], await listener.TakeAsync(2));
        Assert.StartsWith("retry: ", await listener.RestAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_is_noticed(bool isSecure)
    {
        await using var channel = new HttpEventChannel("jobs");
        await using var server = new RunningServer(() => new Handler(channel), null, isSecure ? ServerCertificate.SelfSigned() : null);
        (await ListenAsync(server)).Dispose();
        await channel.WaitForListenersAsync(0);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Processes_with_one_store_have_the_same_events_and_ids()
    {
        await using var store = new SharedStore();
        await using var here = new HttpEventChannel("jobs", new() { StateStore = store });
        await using var there = new HttpEventChannel("jobs", new() { StateStore = store });
        await using var server = Serve(there);
        await there.OpenAsync(TestContext.Current.CancellationToken);
        var first = await SendAsync(here, "one");
        var second = await SendAsync(there, "two");
        Assert.NotEqual(first, second);
        using var listener = await ListenAsync(server, "Last-Event-ID: none\r\n");
        Assert.Equal([$"id: {first}\ndata: one\n\n", $"id: {second}\ndata: two\n\n"], await listener.TakeAsync(2));
    }

    [Theory]
    [InlineData(0, 100, 1000)]
    [InlineData(20, -1, 1000)]
    [InlineData(20, 100, 0)]
    public void Figures_that_make_no_sense_are_refused(int heartbeat, int buffer, int backlog) => Assert.Throws<ArgumentOutOfRangeException>(
        () => new HttpEventChannel("jobs", new() { Heartbeat = TimeSpan.FromSeconds(heartbeat), BufferSize = buffer, Backlog = backlog }));

    private static RunningServer Serve(HttpEventChannel channel, HttpServerOptions? options = null) => new(() => new Handler(channel), options);

    private static Task<string> SendAsync(HttpEventChannel channel, string data, string? name = null, string? id = null) =>
        channel.SendAsync(data, name, id, TestContext.Current.CancellationToken).AsTask();

    private static async Task<Listener> ListenAsync(RunningServer server, string headers = "")
    {
        var client = await server.ConnectAsync();
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadThroughAsync("\r\n\r\n"), StringComparison.Ordinal);
        return new Listener(client);
    }

    private sealed class Handler : BaseHttpRequestHandler
    {
        private readonly HttpEventChannel _channel;

        public Handler(HttpEventChannel channel) => (_channel, ProtocolVersion) = (channel, "HTTP/1.1");

        public void DoGet() => SendEvents(_channel);

        public void DoHead() => SendEvents(_channel);
    }

    /// <summary>A client whose chunks are events.</summary>
    private sealed class Listener(RawClient client) : IDisposable
    {
        public async Task<string> NextAsync()
        {
            var size = int.Parse((await client.ReadThroughAsync("\r\n"))[..^2], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var chunk = await client.ReadThroughAsync("\r\n");
            Assert.Equal(size, chunk.Length - 2);
            return chunk[..^2];
        }

        public async Task<string[]> TakeAsync(int count)
        {
            var taken = new string[count];
            for (var at = 0; at < count; at++)
                taken[at] = await NextAsync();
            return taken;
        }

        /// <summary>The last chunk, after which the answer ends in an orderly way.</summary>
        public async Task<string> RestAsync()
        {
            var last = await NextAsync();
            Assert.Equal("0\r\n\r\n", Encoding.ASCII.GetString(await client.ReadToEndAsync()));
            return last;
        }

        public void Dispose() => client.Dispose();
    }

    /// <summary>One that other processes see, as far as channels can tell.</summary>
    private sealed class SharedStore : IHttpStateStore
    {
        private readonly MemoryStateStore _memory = new();

        public bool IsShared => true;

        public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken = default) => _memory.GetAsync(key, cancellationToken);

        public ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
            _memory.SetAsync(key, value, expiry, cancellationToken);

        public ValueTask<bool> ExtendAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default) => _memory.ExtendAsync(key, expiry, cancellationToken);

        public ValueTask<long> IncrementAsync(string key, long by = 1, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
            _memory.IncrementAsync(key, by, expiry, cancellationToken);

        public ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default) => _memory.RemoveAsync(key, cancellationToken);

        public ValueTask<bool> TryReplaceAsync(string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? value, TimeSpan? expiry = null, CancellationToken cancellationToken = default) =>
            _memory.TryReplaceAsync(key, expected, value, expiry, cancellationToken);

        public ValueTask<TimeSpan> TakeTokenAsync(string key, int count, TimeSpan period, CancellationToken cancellationToken = default) =>
            _memory.TakeTokenAsync(key, count, period, cancellationToken);

        public ValueTask PublishAsync(string channel, ReadOnlyMemory<byte> message, CancellationToken cancellationToken = default) =>
            _memory.PublishAsync(channel, message, cancellationToken);

        public ValueTask<HttpStateSubscription> SubscribeAsync(string channel, Func<ReadOnlyMemory<byte>, ValueTask> receive, CancellationToken cancellationToken = default) =>
            _memory.SubscribeAsync(channel, receive, cancellationToken);

        public ValueTask DisposeAsync() => _memory.DisposeAsync();
    }
}
